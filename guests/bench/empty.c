/* Does nothing: what a machine takes to start, to load an image and to end. */
unsigned long bench_main(void)
{
	return 0;
}
