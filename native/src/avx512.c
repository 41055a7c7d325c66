/* dpbusd: unsigned 8 x signed 8 bits, four products summed into each int32 lane, nothing saturates. */
#include "finish.h"
#include "scan.h"

#if defined(__AVX512VNNI__) && defined(__AVX512BW__)
#include <immintrin.h>

static void dot_any(const uint8_t *rows, size_t count, size_t dim, const scan_probe *probe, int32_t *out)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t *row = rows + i * dim;
        __m512i high = _mm512_setzero_si512(), low = _mm512_setzero_si512();
        for (size_t j = 0; j < dim; j += 64) {
            const __m512i u = _mm512_loadu_si512(row + j);
            high = _mm512_dpbusd_epi32(high, u, _mm512_loadu_si512(probe->hi + j));
            low = _mm512_dpbusd_epi32(low, u, _mm512_loadu_si512(probe->lo + j));
        }
        out[i] = _mm512_reduce_add_epi32(_mm512_add_epi32(_mm512_slli_epi32(high, 7), low)) - probe->correction;
    }
}

/* One row at a time, both planes over the same loaded bytes: a row is read once. Rows lie one after the other,
 * so the processor fetches ahead by itself; fetching by hand made the scan slower where it was measured. */
#define DOT(BLOCKS)                                                                                        \
    static void dot_##BLOCKS(const uint8_t *rows, size_t count, const scan_probe *probe, int32_t *out)     \
    {                                                                                                      \
        __m512i hi[BLOCKS], lo[BLOCKS];                                                                    \
        for (int b = 0; b < BLOCKS; b++) {                                                                 \
            hi[b] = _mm512_loadu_si512(probe->hi + 64 * b);                                                \
            lo[b] = _mm512_loadu_si512(probe->lo + 64 * b);                                                \
        }                                                                                                  \
        for (size_t i = 0; i < count; i++) {                                                               \
            const uint8_t *row = rows + i * (64 * (size_t)BLOCKS);                                         \
            __m512i high = _mm512_setzero_si512(), low = _mm512_setzero_si512();                           \
            for (int b = 0; b < BLOCKS; b++) {                                                             \
                const __m512i u = _mm512_loadu_si512(row + 64 * b);                                        \
                high = _mm512_dpbusd_epi32(high, u, hi[b]);                                                \
                low = _mm512_dpbusd_epi32(low, u, lo[b]);                                                  \
            }                                                                                              \
            out[i] = _mm512_reduce_add_epi32(_mm512_add_epi32(_mm512_slli_epi32(high, 7), low)) -          \
                     probe->correction;                                                                    \
        }                                                                                                  \
    }

DOT(2)
DOT(3)
DOT(8)

void scan_dot_avx512(const uint8_t *rows, size_t count, size_t dim, const scan_probe *probe, int32_t *out)
{
    switch (dim) {
    case 128: dot_2(rows, count, probe, out); break;
    case 192: dot_3(rows, count, probe, out); break;
    case 512: dot_8(rows, count, probe, out); break;
    default: dot_any(rows, count, dim, probe, out);
    }
}

/* The sums of the lanes of four registers, in each 128-bit lane a part of all four. */
static inline __m512i parts_of_four(__m512i a, __m512i b, __m512i c, __m512i d)
{
    const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    return _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
}

/* Adds up the 128-bit lanes of two registers in pairs: 0+1 and 2+3 of the first, then of the second. */
static inline __m512i pairs_of_lanes(__m512i a, __m512i b)
{
    return _mm512_add_epi32(_mm512_shuffle_i32x4(a, b, 0x88), _mm512_shuffle_i32x4(a, b, 0xDD));
}

/* A tile of 4 rows and 4 probes: 16 sums in registers, each loaded vector used four times. The lanes of all 16
 * are added up together, which takes a third of the steps that one by one would. */
static inline void tile(const uint8_t *rows, size_t dim, const int8_t *probes, size_t count, int32_t *out)
{
    __m512i acc[4][4];
    for (int q = 0; q < 4; q++)
        for (int r = 0; r < 4; r++)
            acc[q][r] = _mm512_setzero_si512();
    for (size_t j = 0; j < dim; j += 64) {
        __m512i u[4];
        for (int r = 0; r < 4; r++)
            u[r] = _mm512_loadu_si512(rows + (size_t)r * dim + j);
        for (int q = 0; q < 4; q++) {
            const __m512i p = _mm512_loadu_si512(probes + (size_t)q * dim + j);
            for (int r = 0; r < 4; r++)
                acc[q][r] = _mm512_dpbusd_epi32(acc[q][r], u[r], p);
        }
    }
    __m512i of[4];
    for (int q = 0; q < 4; q++)
        of[q] = parts_of_four(acc[q][0], acc[q][1], acc[q][2], acc[q][3]);
    const __m512i sums = pairs_of_lanes(pairs_of_lanes(of[0], of[1]), pairs_of_lanes(of[2], of[3]));
    _mm_storeu_si128((__m128i *)out, _mm512_castsi512_si128(sums));
    _mm_storeu_si128((__m128i *)(out + count), _mm512_extracti32x4_epi32(sums, 1));
    _mm_storeu_si128((__m128i *)(out + 2 * count), _mm512_extracti32x4_epi32(sums, 2));
    _mm_storeu_si128((__m128i *)(out + 3 * count), _mm512_extracti32x4_epi32(sums, 3));
}

static int32_t single(const uint8_t *row, size_t dim, const int8_t *probe)
{
    __m512i acc = _mm512_setzero_si512();
    for (size_t j = 0; j < dim; j += 64)
        acc = _mm512_dpbusd_epi32(acc, _mm512_loadu_si512(row + j), _mm512_loadu_si512(probe + j));
    return _mm512_reduce_add_epi32(acc);
}

void scan_dots_avx512(const uint8_t *rows, size_t count, size_t dim, const int8_t *probes, size_t n_probes,
                      int32_t *out)
{
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        const uint8_t *row = rows + i * dim;
        size_t k = 0;
        for (; k + 4 <= n_probes; k += 4)
            tile(row, dim, probes + k * dim, count, out + k * count + i);
        for (; k < n_probes; k++)
            for (size_t r = 0; r < 4; r++)
                out[k * count + i + r] = single(row + r * dim, dim, probes + k * dim);
    }
    for (; i < count; i++)
        for (size_t k = 0; k < n_probes; k++)
            out[k * count + i] = single(rows + i * dim, dim, probes + k * dim);
}
#else
void scan_dot_avx512(const uint8_t *rows, size_t count, size_t dim, const scan_probe *probe, int32_t *out)
{
    scan_dot_portable(rows, count, dim, probe, out);
}

void scan_dots_avx512(const uint8_t *rows, size_t count, size_t dim, const int8_t *probes, size_t n_probes,
                      int32_t *out)
{
    scan_dots_portable(rows, count, dim, probes, n_probes, out);
}
#endif

size_t scan_finish_avx512(const int32_t *products, const float *scales, const float *residuals, size_t count,
                     float scale, float norm, float error, float slack, float floor, float *score, float *upper)
{
    return scan_finish_rows(products, scales, residuals, count, scale, norm, error, slack, floor, score, upper);
}
