/* maddubs saturates at int16. Two products of u <= 255 with |p| <= 64 reach 32,640 at most, so planes of
 * seven bits are safe; a whole int8 plane (127) would not be. */
#include "finish.h"
#include "scan.h"

#if defined(__AVX2__)
#include <immintrin.h>

static inline int32_t add_lanes(__m256i v)
{
    __m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4E));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xB1));
    return _mm_cvtsi128_si32(s);
}

void scan_dot_avx2(const uint8_t *rows, size_t count, size_t dim, const scan_probe *probe, int32_t *out)
{
    const __m256i ones = _mm256_set1_epi16(1);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *row = rows + i * dim;
        __m256i high = _mm256_setzero_si256(), low = _mm256_setzero_si256();
        for (size_t j = 0; j < dim; j += 32) {
            const __m256i u = _mm256_loadu_si256((const __m256i *)(row + j));
            const __m256i h = _mm256_loadu_si256((const __m256i *)(probe->hi + j));
            const __m256i l = _mm256_loadu_si256((const __m256i *)(probe->lo + j));
            high = _mm256_add_epi32(high, _mm256_madd_epi16(_mm256_maddubs_epi16(u, h), ones));
            low = _mm256_add_epi32(low, _mm256_madd_epi16(_mm256_maddubs_epi16(u, l), ones));
        }
        out[i] = add_lanes(_mm256_add_epi32(_mm256_slli_epi32(high, 7), low)) - probe->correction;
    }
}

/* Probes with a whole int8 plane: widen both sides to int16, so that nothing saturates. */
void scan_dots_avx2(const uint8_t *rows, size_t count, size_t dim, const int8_t *probes, size_t n_probes,
                    int32_t *out)
{
    for (size_t k = 0; k < n_probes; k++) {
        const int8_t *probe = probes + k * dim;
        for (size_t i = 0; i < count; i++) {
            const uint8_t *row = rows + i * dim;
            __m256i sum = _mm256_setzero_si256();
            for (size_t j = 0; j < dim; j += 16) {
                const __m256i u = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(row + j)));
                const __m256i p = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(probe + j)));
                sum = _mm256_add_epi32(sum, _mm256_madd_epi16(u, p));
            }
            out[k * count + i] = add_lanes(sum);
        }
    }
}
#else
void scan_dot_avx2(const uint8_t *rows, size_t count, size_t dim, const scan_probe *probe, int32_t *out)
{
    scan_dot_portable(rows, count, dim, probe, out);
}

void scan_dots_avx2(const uint8_t *rows, size_t count, size_t dim, const int8_t *probes, size_t n_probes,
                    int32_t *out)
{
    scan_dots_portable(rows, count, dim, probes, n_probes, out);
}
#endif

size_t scan_finish_avx2(const int32_t *products, const float *scales, const float *residuals, size_t count,
                     float scale, float norm, float error, float slack, float floor, float *score, float *upper)
{
    return scan_finish_rows(products, scales, residuals, count, scale, norm, error, slack, floor, score, upper);
}
