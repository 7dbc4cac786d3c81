// The unix port as an ESP32's is: words of 32 bits, floats of 32 bits, a heap that grows piece by
// piece out of what ESP-IDF leaves (heap.c).

#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)

#include "../mpconfigvariant_common.h"

#undef MICROPY_FLOAT_IMPL
#define MICROPY_FLOAT_IMPL (MICROPY_FLOAT_IMPL_FLOAT)
#define MICROPY_FLOAT_USE_NATIVE_FLT16 (0)

#undef MICROPY_GC_SPLIT_HEAP
#define MICROPY_GC_SPLIT_HEAP (1)
#define MICROPY_GC_SPLIT_HEAP_AUTO (1)

void *chip_heap_take(unsigned bytes);
void chip_heap_give_back(void *piece);
#define MP_PLAT_ALLOC_HEAP(bytes) chip_heap_take(bytes)
#define MP_PLAT_FREE_HEAP(piece) chip_heap_give_back(piece)
