/* The scan: which rows can't be excluded from an answer, and what they score exactly. */
#include "scan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 1024

typedef struct {
    scan_dot dot;
    scan_dots dots;
    scan_finish finish;
} instructions;

static const instructions KNOWN[] = {
    {scan_dot_portable, scan_dots_portable, scan_finish_portable},
    {scan_dot_avx2, scan_dots_avx2, scan_finish_avx2},
    {scan_dot_avx512, scan_dots_avx512, scan_finish_avx512},
};

SCAN_API int32_t countenance_scan_abi(void) { return 1; }

/* Whether this processor has an instruction set and this library was built with it. */
SCAN_API int32_t countenance_scan_supports(int32_t isa)
{
    if (isa == SCAN_PORTABLE)
        return 1;
#if defined(SCAN_X86) && (defined(__GNUC__) || defined(__clang__))
    __builtin_cpu_init();
    if (isa == SCAN_AVX2)
        return __builtin_cpu_supports("avx2") != 0;
    if (isa == SCAN_AVX512_VNNI)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512vnni");
#endif
    return 0;
}

/* What is kept of one probe while rows go by. */
typedef struct {
    int64_t *index;
    float *score;
    float *upper;
    size_t count;
    size_t capacity;
    float *lowers; /* the k largest lower bounds so far, a heap with the smallest at its root */
    size_t k;
    size_t held;
    float floor; /* what an upper bound has to reach */
} survivors;

static void sift_down(float *heap, size_t count)
{
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= count)
            return;
        if (child + 1 < count && heap[child + 1] < heap[child])
            child++;
        if (heap[at] <= heap[child])
            return;
        const float kept = heap[at];
        heap[at] = heap[child];
        heap[child] = kept;
        at = child;
    }
}

static void sift_up(float *heap, size_t at)
{
    while (at > 0 && heap[at] < heap[(at - 1) / 2]) {
        const float kept = heap[at];
        heap[at] = heap[(at - 1) / 2];
        heap[(at - 1) / 2] = kept;
        at = (at - 1) / 2;
    }
}

/* At least k rows score no less than their lower bounds: whoever can't reach the k-th of them is out. */
static void raise_floor(survivors *kept, float lower)
{
    if (kept->k == 0)
        return;
    if (kept->held < kept->k) {
        kept->lowers[kept->held] = lower;
        sift_up(kept->lowers, kept->held++);
    } else if (lower > kept->lowers[0]) {
        kept->lowers[0] = lower;
        sift_down(kept->lowers, kept->k);
    } else {
        return;
    }
    if (kept->held == kept->k && kept->lowers[0] > kept->floor)
        kept->floor = kept->lowers[0];
}

static void drop_excluded(survivors *kept)
{
    size_t left = 0;
    for (size_t i = 0; i < kept->count; i++) {
        if (kept->upper[i] < kept->floor)
            continue;
        kept->index[left] = kept->index[i];
        kept->score[left] = kept->score[i];
        kept->upper[left] = kept->upper[i];
        left++;
    }
    kept->count = left;
}

static int take(survivors *kept, const float *score, const float *upper, const uint8_t *allowed, size_t base,
                size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!(upper[i] >= kept->floor) || (allowed != NULL && !allowed[base + i]))
            continue;
        if (kept->count == kept->capacity) {
            drop_excluded(kept);
            if (kept->count == kept->capacity)
                return 0;
        }
        kept->index[kept->count] = (int64_t)(base + i);
        kept->score[kept->count] = score[i];
        kept->upper[kept->count] = upper[i];
        kept->count++;
        raise_floor(kept, score[i] - (upper[i] - score[i]));
    }
    return 1;
}

/* The rows that can't be excluded from the k best, or from those that reach floor.
 *
 * codes: n x dim bytes, dim a multiple of 64, rows 64-byte aligned. scales, residuals: n floats.
 * allowed: n bytes, zero for rows that don't take part; or NULL.
 * first, last: the rows to look at. k: 0 for all that reach floor. floor: -INFINITY for none.
 * index, upper, score: capacity places for what is found, in the order of the rows.
 * Returns how many were found; -1 if they don't fit (the answer must then come from a full scan);
 * -2 if there is no memory.
 */
SCAN_API int64_t countenance_scan_candidates(int32_t isa, const uint8_t *codes, const float *scales,
                                             const float *residuals, const uint8_t *allowed, int64_t first,
                                             int64_t last, int64_t dim, const int8_t *hi, const int8_t *lo,
                                             int32_t correction, float scale, float norm, float error, float slack,
                                             int64_t k, float floor, int64_t capacity, int64_t *index, float *score,
                                             float *upper)
{
    const instructions *use = &KNOWN[isa];
    const scan_probe probe = {hi, lo, correction, scale};
    survivors kept = {index, score, upper, 0, (size_t)capacity, NULL, (size_t)k, 0, floor};
    int32_t products[BLOCK];
    float scores[BLOCK], uppers[BLOCK];
    if (k > 0) {
        kept.lowers = malloc((size_t)k * sizeof(float));
        if (kept.lowers == NULL)
            return -2;
    }
    int fits = 1;
    for (size_t base = (size_t)first; fits && base < (size_t)last; base += BLOCK) {
        const size_t count = (size_t)last - base < BLOCK ? (size_t)last - base : BLOCK;
        use->dot(codes + base * (size_t)dim, count, (size_t)dim, &probe, products);
        if (use->finish(products, scales + base, residuals + base, count, scale, norm, error, slack, kept.floor,
                        scores, uppers))
            fits = take(&kept, scores, uppers, allowed, base, count);
    }
    free(kept.lowers);
    if (!fits)
        return -1;
    drop_excluded(&kept);
    return (int64_t)kept.count;
}

/* The same for several probes in one pass over the rows; one signed plane a probe.
 *
 * probes: n_probes x dim bytes. corrections (128 * sum(p)), probe_scales, norms, errors, floors: one a probe.
 * index, score, upper: n_probes x capacity. counts: how many each probe found, -1 where they didn't fit.
 * Returns 0, or -2 if there is no memory.
 */
SCAN_API int64_t countenance_scan_batch(int32_t isa, const uint8_t *codes, const float *scales, const float *residuals,
                                        const uint8_t *allowed, int64_t first, int64_t last, int64_t dim,
                                        const int8_t *probes, int64_t n_probes, const int32_t *corrections,
                                        const float *probe_scales, const float *norms, const float *errors,
                                        float slack, int64_t k, const float *floors, int64_t capacity, int64_t *index,
                                        float *score, float *upper, int64_t *counts)
{
    const instructions *use = &KNOWN[isa];
    const size_t n = (size_t)n_probes;
    survivors *kept = calloc(n, sizeof(survivors));
    float *lowers = malloc((n * (size_t)k + 1) * sizeof(float));
    int32_t *products = malloc(n * BLOCK * sizeof(int32_t));
    int64_t status = -2;
    if (kept != NULL && lowers != NULL && products != NULL) {
        float scores[BLOCK], uppers[BLOCK];
        for (size_t j = 0; j < n; j++) {
            kept[j] = (survivors){index + j * (size_t)capacity, score + j * (size_t)capacity,
                                  upper + j * (size_t)capacity, 0, (size_t)capacity, lowers + j * (size_t)k,
                                  (size_t)k, 0, floors[j]};
            counts[j] = 0;
        }
        for (size_t base = (size_t)first; base < (size_t)last; base += BLOCK) {
            const size_t count = (size_t)last - base < BLOCK ? (size_t)last - base : BLOCK;
            use->dots(codes + base * (size_t)dim, count, (size_t)dim, probes, n, products);
            for (size_t j = 0; j < n; j++) {
                int32_t *mine = products + j * count;
                if (counts[j] < 0)
                    continue;
                for (size_t i = 0; i < count; i++)
                    mine[i] -= corrections[j];
                if (use->finish(mine, scales + base, residuals + base, count, probe_scales[j], norms[j], errors[j],
                                slack, kept[j].floor, scores, uppers) &&
                    !take(&kept[j], scores, uppers, allowed, base, count))
                    counts[j] = -1;
            }
        }
        for (size_t j = 0; j < n; j++)
            if (counts[j] == 0) {
                drop_excluded(&kept[j]);
                counts[j] = (int64_t)kept[j].count;
            }
        status = 0;
    }
    free(products);
    free(lowers);
    free(kept);
    return status;
}

/* Eight sums in a fixed order, in double: the same bits on every machine. */
static double exact_score(const float *row, const float *probe, size_t dim)
{
    double sum[8] = {0};
    size_t j = 0;
    for (; j + 8 <= dim; j += 8)
        for (size_t lane = 0; lane < 8; lane++)
            sum[lane] += (double)row[j + lane] * (double)probe[j + lane];
    for (; j < dim; j++)
        sum[j % 8] += (double)row[j] * (double)probe[j];
    return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

/* What rows score exactly. rows: float32, dim floats each. index: which; NULL for first, first + 1, ... */
SCAN_API void countenance_scan_rescore(const float *rows, int64_t dim, const int64_t *index, int64_t first,
                                       int64_t count, const float *probe, double *out)
{
    for (int64_t i = 0; i < count; i++) {
        const int64_t row = index != NULL ? index[i] : first + i;
        out[i] = exact_score(rows + row * dim, probe, (size_t)dim);
    }
}
