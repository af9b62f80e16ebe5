/* Address spaces of 2 GiB: a segment table and page tables, all in storage of the program. */
#define SEGMENTS 2048
#define PAGE 4096ul
#define INVALID_SEGMENT 0x20ul
#define INVALID_PAGE 0x400ul

struct space {
	unsigned long segments[SEGMENTS] __attribute__((aligned(16384)));
};

/* Where page tables are taken from; a program defines it with room for as many as it maps segments. */
struct page_table {
	unsigned long pages[256] __attribute__((aligned(2048)));
};
extern struct page_table page_tables[];
static unsigned int page_tables_taken;

static inline void space_clear(struct space *s)
{
	unsigned int i;

	for (i = 0; i < SEGMENTS; i++)
		s->segments[i] = INVALID_SEGMENT;
}

static inline void space_map(struct space *s, unsigned long virtual, unsigned long real)
{
	unsigned long *segment = &s->segments[virtual >> 20];
	unsigned int i;

	if (*segment & INVALID_SEGMENT) {
		struct page_table *table = &page_tables[page_tables_taken++];

		for (i = 0; i < 256; i++)
			table->pages[i] = INVALID_PAGE;
		*segment = (unsigned long)table;
	}
	((unsigned long *)(*segment & ~2047ul))[(virtual >> 12) & 255] = real;
}

/* The control-register image of a space: a segment table of full length. */
static inline unsigned long space_asce(struct space *s)
{
	return (unsigned long)s | 3;
}

static inline void load_primary(unsigned long asce)
{
	asm volatile("lctlg %%c1,%%c1,%0" : : "Q"(asce) : "memory");
}
