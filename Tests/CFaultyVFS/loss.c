#include "disk.h"

#include <stdio.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { SECTOR = 512 };

/// SplitMix64.
static uint64_t next(uint64_t *state) {
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static size_t below(uint64_t *state, size_t limit) { return limit ? (size_t)(next(state) % limit) : 0; }

/// What a file holds after the loss.
struct content {
    uint8_t *bytes;
    size_t count, capacity;
};

static void resize(struct content *content, size_t count) {
    if (count > content->capacity) {
        content->capacity = 2 * count;
        content->bytes = realloc(content->bytes, content->capacity);
    }
    if (count > content->count) memset(content->bytes + content->count, 0, count - content->count);
    content->count = count;
}

static void put(struct content *content, const struct event *event, size_t start, size_t end) {
    if (start >= end) return;
    if (content->count < event->offset + end) resize(content, event->offset + end);
    memcpy(content->bytes + event->offset + start, event->bytes + start, end - start);
}

/// Sector by sector, each there or not; one in eight is torn, its beginning or its end being there.
static void put_sectors(struct content *content, const struct event *event, uint64_t *random) {
    // Some file systems make a file longer before its content is there: zeros, or what lay there before.
    size_t end = event->offset + event->count;
    if (end > content->count && next(random) % 4 == 0) {
        size_t old = content->count;
        resize(content, end);
        if (next(random) % 2) {
            for (size_t place = old; place < end; place++) content->bytes[place] = (uint8_t)next(random);
        }
    }
    for (size_t start = 0; start < event->count;) {
        size_t stop = start + SECTOR - (event->offset + start) % SECTOR;
        if (stop > event->count) stop = event->count;
        size_t middle = start + below(random, stop - start);
        switch (next(random) % 16) {
        case 0: put(content, event, start, middle); break;
        case 1: put(content, event, middle, stop); break;
        case 2: case 3: case 4: case 5: case 6: case 7: case 8: put(content, event, start, stop); break;
        default: break;
        }
        start = stop;
    }
}

/// Up to a place within it, at the end of a sector.
static void put_torn(struct content *content, const struct event *event, uint64_t *random) {
    size_t end = below(random, event->count + 1);
    size_t torn = (event->offset + end) / SECTOR * SECTOR;
    put(content, event, 0, torn > (size_t)event->offset ? torn - event->offset : 0);
}

/// For each thing that happened before `moment`: whether a sync made it certain.
static char *certainty(const faulty_disk *disk, size_t moment) {
    char *certain = calloc(moment + 1, 1);
    char *given_up = calloc(moment + 1, 1);
    for (size_t now = 0; now < moment; now++) {
        const struct event *sync = &disk->events[now];
        int of_names = sync->kind == EVENT_SYNC_DIRECTORY;
        if (!of_names && sync->kind != EVENT_SYNC && sync->kind != EVENT_FAILED_SYNC) continue;
        // Backwards to the last one that made everything before it certain.
        for (size_t place = now; place-- > 0;) {
            const struct event *event = &disk->events[place];
            if (of_names ? event->kind == EVENT_SYNC_DIRECTORY : event->kind == EVENT_SYNC && event->file == sync->file) break;
            int is_name = event->kind == EVENT_NAME || event->kind == EVENT_UNNAME;
            int is_content = event->kind == EVENT_WRITE || event->kind == EVENT_TRUNCATE;
            if (of_names ? !is_name : !is_content || event->file != sync->file) continue;
            if (sync->kind == EVENT_FAILED_SYNC) {
                given_up[place] = 1;
            } else if (!given_up[place]) {
                certain[place] = 1;
            }
        }
    }
    free(given_up);
    return certain;
}

static void apply(struct content *files, const struct event *event) {
    if (event->kind == EVENT_WRITE) put(&files[event->file], event, 0, event->count);
    if (event->kind == EVENT_TRUNCATE) resize(&files[event->file], event->offset);
}

static void apply_uncertain(struct content *files, const struct event *event, enum faulty_loss loss, uint64_t *random) {
    if (loss == FAULTY_LOSS_SECTORS && event->kind == EVENT_WRITE) return put_sectors(&files[event->file], event, random);
    if (loss == FAULTY_LOSS_NONE || ((loss == FAULTY_LOSS_SOME || loss == FAULTY_LOSS_SECTORS) && next(random) % 2)) apply(files, event);
}

struct name {
    const char *name;
    int file;
};

static void rename_to(struct name *names, size_t *count, const struct event *event) {
    for (size_t place = 0; place < *count; place++) {
        if (!strcmp(names[place].name, event->name)) {
            names[place].file = event->kind == EVENT_NAME ? event->file : -1;
            return;
        }
    }
    if (event->kind == EVENT_NAME) names[(*count)++] = (struct name){event->name, event->file};
}

static int save(const struct content *content, const char *directory, const char *name) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "wb");
    if (!file) return -1;
    int failed = content->count && fwrite(content->bytes, 1, content->count, file) != content->count;
    return fclose(file) != 0 || failed ? -1 : 0;
}

int faulty_disk_lose_power(faulty_disk *disk, size_t moment, enum faulty_loss loss, uint64_t seed, const char *into) {
    uint64_t random = seed;
    pthread_mutex_lock(&disk->lock);
    if (moment > disk->count) moment = disk->count;
    char *certain = certainty(disk, moment);
    struct content *files = calloc(disk->file_count + 1, sizeof *files);
    struct name *names = calloc(moment + 1, sizeof *names);
    size_t name_count = 0;
    // In a loss of the tail, what is uncertain was carried out in order up to here.
    size_t reached = loss == FAULTY_LOSS_TAIL ? below(&random, moment + 1) : 0;
    if (loss == FAULTY_LOSS_TAIL && moment > 16 && next(&random) % 2) reached = moment - below(&random, 16);
    for (size_t place = 0; place < moment; place++) {
        const struct event *event = &disk->events[place];
        int is_name = event->kind == EVENT_NAME || event->kind == EVENT_UNNAME;
        if (is_name) {
            int stays = certain[place] || loss == FAULTY_LOSS_NONE || place < reached
                || ((loss == FAULTY_LOSS_SOME || loss == FAULTY_LOSS_SECTORS) && next(&random) % 2);
            if (stays) rename_to(names, &name_count, event);
        } else if (certain[place] || place < reached) {
            apply(files, event);
        } else if (loss == FAULTY_LOSS_TAIL) {
            if (place == reached && event->kind == EVENT_WRITE) put_torn(&files[event->file], event, &random);
        } else {
            apply_uncertain(files, event, loss, &random);
        }
    }
    int result = 0;
    for (size_t place = 0; place < name_count && result == 0; place++) {
        if (names[place].file >= 0) result = save(&files[names[place].file], into, names[place].name);
    }
    for (int file = 0; file < disk->file_count; file++) free(files[file].bytes);
    free(files);
    free(names);
    free(certain);
    pthread_mutex_unlock(&disk->lock);
    return result;
}
