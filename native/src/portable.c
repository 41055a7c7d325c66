#include "finish.h"
#include "scan.h"

void scan_dot_portable(const uint8_t *rows, size_t count, size_t dim, const scan_probe *probe, int32_t *out)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t *row = rows + i * dim;
        int32_t high = 0, low = 0;
        for (size_t j = 0; j < dim; j++) {
            high += (int32_t)row[j] * probe->hi[j];
            low += (int32_t)row[j] * probe->lo[j];
        }
        out[i] = high * 128 + low - probe->correction;
    }
}

void scan_dots_portable(const uint8_t *rows, size_t count, size_t dim, const int8_t *probes, size_t n_probes,
                        int32_t *out)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t *row = rows + i * dim;
        for (size_t k = 0; k < n_probes; k++) {
            const int8_t *probe = probes + k * dim;
            int32_t sum = 0;
            for (size_t j = 0; j < dim; j++)
                sum += (int32_t)row[j] * probe[j];
            out[k * count + i] = sum;
        }
    }
}

size_t scan_finish_portable(const int32_t *products, const float *scales, const float *residuals, size_t count,
                     float scale, float norm, float error, float slack, float floor, float *score, float *upper)
{
    return scan_finish_rows(products, scales, residuals, count, scale, norm, error, slack, floor, score, upper);
}
