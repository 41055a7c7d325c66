/* Scans of int8 codes: approximate scores with a known error bound, and float32 rescoring.
 *
 * A row x is kept as u = q + 128 (unsigned bytes), q = round(x / s), s = max|x| / 127.
 * A probe y is kept as two planes of signed bytes, p = 128 hi + lo, lo in [-64, 63], |hi| <= 63.
 * a(row) = s t (128 (u.hi) + (u.lo) - 128 sum(p)) approximates x.y; the caller knows how far off it may be.
 */
#ifndef COUNTENANCE_SCAN_H
#define COUNTENANCE_SCAN_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define SCAN_API __declspec(dllexport)
#else
#define SCAN_API __attribute__((visibility("default")))
#endif

/* Instruction sets, the slowest first. */
enum { SCAN_PORTABLE = 0, SCAN_AVX2 = 1, SCAN_AVX512_VNNI = 2 };

/* One probe, quantised. hi and lo have dim bytes each, 64-byte aligned. */
typedef struct {
    const int8_t *hi;
    const int8_t *lo;
    int32_t correction; /* 128 * sum(p) */
    float scale;        /* t */
} scan_probe;

/* Integer products of count rows with one probe. */
typedef void (*scan_dot)(const uint8_t *rows, size_t count, size_t dim, const scan_probe *probe, int32_t *out);

void scan_dot_portable(const uint8_t *rows, size_t count, size_t dim, const scan_probe *probe, int32_t *out);
void scan_dot_avx2(const uint8_t *rows, size_t count, size_t dim, const scan_probe *probe, int32_t *out);
void scan_dot_avx512(const uint8_t *rows, size_t count, size_t dim, const scan_probe *probe, int32_t *out);

/* Integer products of count rows with several probes, one plane each: out[j * count + i]. */
typedef void (*scan_dots)(const uint8_t *rows, size_t count, size_t dim, const int8_t *probes, size_t n_probes,
                          int32_t *out);
void scan_dots_portable(const uint8_t *rows, size_t count, size_t dim, const int8_t *probes, size_t n_probes,
                        int32_t *out);
void scan_dots_avx2(const uint8_t *rows, size_t count, size_t dim, const int8_t *probes, size_t n_probes,
                    int32_t *out);
void scan_dots_avx512(const uint8_t *rows, size_t count, size_t dim, const int8_t *probes, size_t n_probes,
                      int32_t *out);

/* Scores and upper bounds of count rows; how many upper bounds reach the floor. See finish.h. */
typedef size_t (*scan_finish)(const int32_t *products, const float *scales, const float *residuals, size_t count,
                              float scale, float norm, float error, float slack, float floor, float *score,
                              float *upper);
size_t scan_finish_portable(const int32_t *products, const float *scales, const float *residuals, size_t count,
                     float scale, float norm, float error, float slack, float floor, float *score, float *upper);
size_t scan_finish_avx2(const int32_t *products, const float *scales, const float *residuals, size_t count,
                     float scale, float norm, float error, float slack, float floor, float *score, float *upper);
size_t scan_finish_avx512(const int32_t *products, const float *scales, const float *residuals, size_t count,
                     float scale, float norm, float error, float slack, float floor, float *score, float *upper);

#endif
