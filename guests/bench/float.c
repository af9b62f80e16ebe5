/* Binary floating point: a planetary step with square roots and divisions, a Mandelbrot set, integers to double and back. */
#define STEPS 78000

struct body {
	double x, y, z, vx, vy, vz, mass;
};

static struct body bodies[4] = {
	{ 0, 0, 0, 0, 0, 0, 39.47 },
	{ 4.84, -1.16, -0.10, 0.606, 2.81, -0.02, 0.037 },
	{ 8.34, 4.12, -0.4, -1.01, 1.82, 0.008, 0.011 },
	{ 12.89, -15.11, -0.22, 1.08, 0.868, -0.01, 0.0017 },
};

static double root(double x)
{
	double r;

#ifdef __powerpc64__
	asm("fsqrt %0,%1" : "=d"(r) : "d"(x));
#else
	asm("sqdbr %0,%1" : "=f"(r) : "f"(x));
#endif
	return r;
}

__attribute__((noinline)) static void step(double dt)
{
	unsigned int i, j;

	for (i = 0; i < 4; i++) {
		struct body *a = &bodies[i];

		for (j = i + 1; j < 4; j++) {
			struct body *b = &bodies[j];
			double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
			double d2 = dx * dx + dy * dy + dz * dz;
			double mag = dt / (d2 * root(d2));

			a->vx -= dx * b->mass * mag;
			a->vy -= dy * b->mass * mag;
			a->vz -= dz * b->mass * mag;
			b->vx += dx * a->mass * mag;
			b->vy += dy * a->mass * mag;
			b->vz += dz * a->mass * mag;
		}
	}
	for (i = 0; i < 4; i++) {
		bodies[i].x += dt * bodies[i].vx;
		bodies[i].y += dt * bodies[i].vy;
		bodies[i].z += dt * bodies[i].vz;
	}
}

__attribute__((noinline)) static unsigned long mandelbrot(unsigned long size)
{
	unsigned long x, y, n, sum = 0;

	for (y = 0; y < size; y++) {
		for (x = 0; x < size; x++) {
			double cr = 3.0 * (double)x / (double)size - 2.0, ci = 2.0 * (double)y / (double)size - 1.0;
			double r = 0, i = 0;

			for (n = 0; n < 60 && r * r + i * i < 4.0; n++) {
				double t = r * r - i * i + cr;

				i = 2.0 * r * i + ci;
				r = t;
			}
			sum = sum * 5 + n;
		}
	}
	return sum;
}

/* As statistics do it: unsigned and signed integers to double, and back. */
__attribute__((noinline)) static unsigned long convert(unsigned long count)
{
	unsigned long seed = 12345, i, sum = 0;
	double mean = 0;
	float small = 0;

	for (i = 1; i <= count; i++) {
		seed = seed * 6364136223846793005ul + 1442695040888963407ul;
		mean += ((double)(seed >> 1) - mean) / (double)i;
		mean += (double)(long)seed * 0x1p-32;
		small = small * 0.5f + (float)(int)seed;
		sum += (unsigned long)(long)mean + (unsigned int)(int)(small * 0x1p-8f);
	}
	return sum;
}

static unsigned long bits(double x)
{
	union {
		double d;
		unsigned long u;
	} v = { x };

	return v.u;
}

unsigned long bench_main(void)
{
	unsigned long sum = mandelbrot(225), i;

	for (i = 0; i < STEPS; i++)
		step(0.001);
	for (i = 0; i < 4; i++)
		sum = sum * 31 + (bits(bodies[i].x) ^ bits(bodies[i].vy));
	return sum + convert(900000);
}
