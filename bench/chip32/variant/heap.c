// ESP-IDF's heap, as far as MicroPython sees it: the pieces that its heap can still take.

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "py/gc.h"
#include "py/mpconfig.h"

// Bytes of the piece that the heap of a stock ESP32 takes first, next, and so on: the largest one
// that ESP-IDF has then, but at most as much as the heap has already. From the record: see
// bench/heap32/allocator.py. The heap at the start is the option -X heapsize.
static const unsigned pieces[] = {57344, 55296, 7880, 7400, 336};
#define PIECES (sizeof(pieces) / sizeof(pieces[0]))

static unsigned taken;
static int report = -1;

size_t gc_get_max_new_split(void) {
    return taken < PIECES ? pieces[taken] : 0;
}

void *chip_heap_take(unsigned bytes) {
    if (bytes > gc_get_max_new_split()) {
        return NULL;
    }
    taken++;
    return malloc(bytes);
}

void chip_heap_give_back(void *piece) {
    taken--;
    free(piece);
}

// On SIGUSR1, writes a line: bytes used, bytes free, bytes of the largest free run, and pieces
// taken. Garbage counts as used, unless SIGUSR2 came, which collects it first. To be sent while
// the firmware waits for the simulator, so that the heap is consistent.
static void write_report(int number) {
    if (number == SIGUSR2) {
        gc_collect();
    }
    gc_info_t info;
    gc_info(&info);
    char line[80];
    int length = snprintf(line, sizeof(line), "%u %u %u %u\n", (unsigned)info.used,
        (unsigned)info.free, (unsigned)(info.max_free * MICROPY_BYTES_PER_GC_BLOCK), taken);
    if (write(report, line, length) != length) {
        abort();
    }
}

__attribute__((constructor)) static void prepare_report(void) {
    const char *path = getenv("CHIP32_REPORT");
    if (path == NULL) {
        return;
    }
    report = open(path, O_WRONLY | O_APPEND | O_CREAT, 0600);
    struct sigaction action = {.sa_handler = write_report, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
}
