/* From integer products to scores and their upper bounds; compiled once for each instruction set. */
#ifndef COUNTENANCE_FINISH_H
#define COUNTENANCE_FINISH_H

#include <stddef.h>
#include <stdint.h>

/* Fills score and upper for count rows; returns how many upper bounds reach the floor.
 *
 * score = s t n; half-width = r |y| + (1 + r) e + slack. */
static inline size_t scan_finish_rows(const int32_t *restrict products, const float *restrict scales,
                                      const float *restrict residuals, size_t count, float scale, float norm,
                                      float error, float slack, float floor, float *restrict score,
                                      float *restrict upper)
{
    uint32_t reached = 0;
    for (size_t i = 0; i < count; i++) {
        const float a = scales[i] * scale * (float)products[i];
        const float u = a + (residuals[i] * norm + (1.0f + residuals[i]) * error + slack);
        score[i] = a;
        upper[i] = u;
        reached += u >= floor;
    }
    return reached;
}

#endif
