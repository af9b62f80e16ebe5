/* Carries out decimal operations with gcc's own arithmetic: records of 40 bytes from standard input, of 16 to standard output. */

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The rounding mode of gcc's library. */
extern __thread unsigned __bid_IDEC_glbround;

struct record {
  uint8_t operation, wide, rounding, reserved[5];
  uint8_t a[16], b[16];
};

#define ARITHMETIC(type)                                                      \
  do {                                                                        \
    volatile type x, y, z = 0;                                                \
    memcpy((void *)&x, r.a, sizeof x);                                        \
    memcpy((void *)&y, r.b, sizeof y);                                        \
    switch (r.operation) {                                                    \
      case 0: z = x + y; break;                                               \
      case 1: z = x - y; break;                                               \
      case 2: z = x * y; break;                                               \
      case 3: z = x / y; break;                                               \
    }                                                                         \
    memcpy(result, (void *)&z, sizeof z);                                     \
  } while (0)

#define COMPARISON(type)                                                      \
  do {                                                                        \
    volatile type x, y;                                                       \
    memcpy((void *)&x, r.a, sizeof x);                                        \
    memcpy((void *)&y, r.b, sizeof y);                                        \
    result[0] = x == y ? 0 : x < y ? 1 : x > y ? 2 : 3;                       \
  } while (0)

#define CONVERSION(from, to)                                                  \
  do {                                                                        \
    volatile from x;                                                          \
    volatile to z;                                                            \
    memcpy((void *)&x, r.a, sizeof x);                                        \
    z = (to)x;                                                                \
    memcpy(result, (void *)&z, sizeof z);                                     \
  } while (0)

int main(void) {
  struct record r;
  while (fread(&r, sizeof r, 1, stdin) == 1) {
    uint8_t result[16] = {0};
    __bid_IDEC_glbround = r.rounding;
    switch (r.operation) {
      case 4:
        if (r.wide) COMPARISON(_Decimal128);
        else COMPARISON(_Decimal64);
        break;
      case 5:
        if (r.wide) CONVERSION(_Decimal64, _Decimal128);
        else CONVERSION(_Decimal32, _Decimal64);
        break;
      case 6:
        if (r.wide) CONVERSION(_Decimal128, _Decimal64);
        else CONVERSION(_Decimal64, _Decimal32);
        break;
      case 7:
        if (r.wide) CONVERSION(int64_t, _Decimal128);
        else CONVERSION(int64_t, _Decimal64);
        break;
      case 8:
        if (r.wide) CONVERSION(_Decimal128, int64_t);
        else CONVERSION(_Decimal64, int64_t);
        break;
      case 9:
        if (r.wide) CONVERSION(_Float128, _Decimal128);
        else CONVERSION(double, _Decimal64);
        break;
      case 10:
        if (r.wide) CONVERSION(_Decimal128, _Float128);
        else CONVERSION(_Decimal64, double);
        break;
      default:
        if (r.wide) ARITHMETIC(_Decimal128);
        else ARITHMETIC(_Decimal64);
    }
    fwrite(result, sizeof result, 1, stdout);
  }
  return 0;
}
