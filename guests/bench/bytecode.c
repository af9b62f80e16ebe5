/* An interpreter of byte code with a switch: prime sieve and a checksum, in the interpreted program. */
enum { HALT, PUSH, LOAD, STORE, ADD, SUB, MUL, AND, XOR, SHIFT, PEEK, POKE, JUMP, JUMP_ZERO, LESS, DUP, DROP };

#define ROUNDS 360
#define LIMIT 4096

static unsigned char memory[LIMIT];
static const short program[] = {
	/* for (i = 2; i < LIMIT; i++) if (!memory[i]) { sum = sum * 31 ^ i; for (j = i + i; j < LIMIT; j += i) memory[j] = 1; } */
	/* 0 */ PUSH, 2, STORE, 0,
	/* 4 */ LOAD, 0, PUSH, LIMIT, LESS, JUMP_ZERO, 58,
	/* 11 */ LOAD, 0, PEEK, JUMP_ZERO, 18, JUMP, 49,
	/* 18 */ LOAD, 2, PUSH, 31, MUL, LOAD, 0, XOR, STORE, 2,
	/* 28 */ LOAD, 0, DUP, ADD, STORE, 1,
	/* 34 */ LOAD, 1, PUSH, LIMIT, LESS, JUMP_ZERO, 49,
	/* 41 */ PUSH, 1, LOAD, 1, POKE, JUMP, 60, HALT,
	/* 49 */ LOAD, 0, PUSH, 1, ADD, STORE, 0, JUMP, 4,
	/* 58 */ HALT, HALT,
	/* 60 */ LOAD, 1, LOAD, 0, ADD, STORE, 1, JUMP, 34,
};

__attribute__((noinline)) static long run(const short *code, long *locals)
{
	long stack[16], *top = stack;
	unsigned long pc = 0;

	for (;;) {
		switch (code[pc++]) {
		case HALT:
			return locals[2];
		case PUSH:
			*top++ = code[pc++];
			break;
		case LOAD:
			*top++ = locals[code[pc++]];
			break;
		case STORE:
			locals[code[pc++]] = *--top;
			break;
		case ADD:
			top--;
			top[-1] += top[0];
			break;
		case SUB:
			top--;
			top[-1] -= top[0];
			break;
		case MUL:
			top--;
			top[-1] *= top[0];
			break;
		case AND:
			top--;
			top[-1] &= top[0];
			break;
		case XOR:
			top--;
			top[-1] ^= top[0];
			break;
		case SHIFT:
			top--;
			top[-1] >>= top[0] & 63;
			break;
		case PEEK:
			top[-1] = memory[top[-1] & (LIMIT - 1)];
			break;
		case POKE:
			top -= 2;
			memory[top[1] & (LIMIT - 1)] = (unsigned char)top[0];
			break;
		case JUMP:
			pc = (unsigned long)code[pc];
			break;
		case JUMP_ZERO:
			pc = *--top == 0 ? (unsigned long)code[pc] : pc + 1;
			break;
		case LESS:
			top--;
			top[-1] = top[-1] < top[0];
			break;
		case DUP:
			top[0] = top[-1];
			top++;
			break;
		case DROP:
			top--;
			break;
		}
	}
}

unsigned long bench_main(void)
{
	unsigned long sum = 0;
	unsigned int round, i;

	for (round = 0; round < ROUNDS; round++) {
		long locals[3] = { 0, 0, round };

		for (i = 0; i < LIMIT; i++)
			memory[i] = 0;
		sum = sum * 31 + (unsigned long)run(program, locals);
	}
	return sum;
}
