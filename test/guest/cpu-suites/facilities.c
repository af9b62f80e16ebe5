/* STFL, STFLE, and what one facility says of another (PoP, "Facility Indications"). */
#include "suite.h"

static u64 list[8];

static int has(u32 bit)
{
	return (list[bit / 64] >> (63 - bit % 64)) & 1;
}

static const struct {
	u8 facility, implied;
	const char *what;
} rules[] = {
	{ 4, 3, "4 implies 3" },
	{ 5, 3, "5 implies 3" },
	{ 5, 4, "5 implies 4" },
	{ 19, 18, "19 implies 18" },
	{ 37, 42, "37 implies 42" },
	{ 43, 42, "43 implies 42" },
	{ 73, 49, "73 implies 49" },
	{ 134, 129, "134 implies 129" },
	{ 135, 129, "135 implies 129" },
	{ 139, 25, "139 implies 25" },
	{ 139, 28, "139 implies 28" },
	{ 146, 76, "146 implies 76" },
	{ 76, 17, "76 implies 17" },
	{ 77, 17, "77 implies 17" },
	{ 57, 17, "57 implies 17" },
	{ 78, 8, "78 implies 8" },
	{ 61, 45, "61 implies 45" },
	{ 148, 129, "148 implies 129" },
	{ 148, 135, "148 implies 135" },
	{ 152, 129, "152 implies 129" },
	{ 152, 134, "152 implies 134" },
	{ 155, 76, "155 implies 76" },
	{ 155, 77, "155 implies 77" },
	{ 80, 42, "80 implies 42" },
	{ 48, 42, "48 implies 42" },
	{ 30, 22, "30 implies 22" },
	{ 33, 32, "33 implies 32" },
	{ 50, 73, "50 implies 73" },
	{ 14, 8, "14 implies 8" },
	{ 130, 131, "130 implies 131" },
};

static u32 stfle(void *at, u64 count, u64 *r0_out)
{
	register u64 r0 asm("0") = 0xabcdef0000000000ul | (count - 1);
	u32 cc;

	asm volatile("stfle 0(%2); ipm %0; srl %0,28" : "=&d"(cc), "+d"(r0) : "a"(at) : "cc", "memory");
	*r0_out = r0;
	return cc;
}

void suite(void)
{
	u64 r0;
	u32 i;

	check("STFLE cc with room", stfle(list, 8, &r0), 0);
	check("STFLE R0 bits 0-55 stay", r0 >> 8, 0xabcdef00000000ul);
	note("list 0", list[0]);
	note("list 1", list[1]);
	note("list 2", list[2]);
	fill(list + 1, 0xee, 8);
	check("STFLE cc without room", stfle(list, 1, &r0), 3);
	check("STFLE stores no more than asked", list[1], 0xeeeeeeeeeeeeeeeeul);
	stfle(list, 8, &r0);
	*(u32 *)200 = 0;
	asm volatile("stfl 0" : : : "memory");
	check("STFL is the first word of it", *(u32 *)200, list[0] >> 32);
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		check(rules[i].what, !has(rules[i].facility) || has(rules[i].implied), 1);
	TRY(PGM_SPECIFICATION, "STFLE unaligned", "lghi 0,0; stfle 0(%0)" : : "a"((u8 *)list + 4) : "0", "cc", "memory");
	expect();
	problem_state();
	asm volatile("stfl 0" : : : "memory");
	check_code("STFL in the problem state", PGM_PRIVILEGED);
	expect();
	problem_state();
	i = stfle(list, 8, &r0);
	supervisor_state();
	check("STFLE in the problem state", i, 0);
	expect();
	cr0_on(CR0_LOW_ADDRESS);
	asm volatile("stfl 0" : : : "memory");
	cr0_off(CR0_LOW_ADDRESS);
	check_code("STFL is not subject to low-address protection", 0);
}
