/* What the programs of the corpus share: a digest of all that they compute. */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;

/* Mixes a value into the digest of the program that runs. */
void mix(u64 value);
void mix_bytes(const void *bytes, unsigned long length);

/* The next of a fixed sequence of pseudo-random numbers; every seventh is an edge value. */
u64 draw(void);

void integers(void);
void wide(void);
void strings(void);
void floating(void);
void control(void);
void structures(void);
void atomics(void);
void self_modifying(void);
void vectors(void);
