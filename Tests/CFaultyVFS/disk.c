#include "disk.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/// Disks that are attached. Tests run side by side, each on its own.
static faulty_disk *disks[64];
static pthread_mutex_t disks_lock = PTHREAD_MUTEX_INITIALIZER;

static int add(faulty_disk *disk) {
    int done = 0;
    pthread_mutex_lock(&disks_lock);
    for (size_t place = 0; place < sizeof disks / sizeof *disks && !done; place++) {
        if (disks[place]) continue;
        disks[place] = disk;
        done = 1;
    }
    pthread_mutex_unlock(&disks_lock);
    return done;
}

faulty_disk *faulty_disk_of(const char *path, const char **name) {
    const char *slash = path ? strrchr(path, '/') : NULL;
    if (!slash) return NULL;
    faulty_disk *found = NULL;
    pthread_mutex_lock(&disks_lock);
    for (size_t place = 0; place < sizeof disks / sizeof *disks && !found; place++) {
        faulty_disk *disk = disks[place];
        if (disk && strlen(disk->directory) == (size_t)(slash - path) && !memcmp(disk->directory, path, slash - path)) found = disk;
    }
    pthread_mutex_unlock(&disks_lock);
    *name = slash + 1;
    return found;
}

static void note_locked(faulty_disk *disk, struct event event, const char *name, const void *bytes) {
    if (disk->count == disk->capacity) {
        disk->capacity = disk->capacity ? 2 * disk->capacity : 256;
        disk->events = realloc(disk->events, disk->capacity * sizeof *disk->events);
    }
    event.name = name ? strdup(name) : NULL;
    event.bytes = NULL;
    if (bytes && event.count) {
        event.bytes = malloc(event.count);
        memcpy(event.bytes, bytes, event.count);
    }
    disk->events[disk->count++] = event;
}

void faulty_disk_note(faulty_disk *disk, enum event_kind kind, int file, const char *name, int64_t offset, const void *bytes, size_t count) {
    pthread_mutex_lock(&disk->lock);
    note_locked(disk, (struct event){.kind = kind, .file = file, .offset = offset, .count = count}, name, bytes);
    pthread_mutex_unlock(&disk->lock);
}

int faulty_disk_file(faulty_disk *disk, const char *name) {
    pthread_mutex_lock(&disk->lock);
    int file = -1;
    for (size_t place = disk->count; place-- > 0;) {
        struct event *event = &disk->events[place];
        if (!event->name || strcmp(event->name, name)) continue;
        if (event->kind == EVENT_NAME) file = event->file;
        break;
    }
    if (file < 0) {
        file = disk->file_count++;
        note_locked(disk, (struct event){.kind = EVENT_NAME, .file = file}, name, NULL);
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", disk->directory, name);
        FILE *content = fopen(path, "rb");
        uint8_t chunk[65536];
        int64_t offset = 0;
        for (size_t got; content && (got = fread(chunk, 1, sizeof chunk, content)) > 0; offset += got) {
            note_locked(disk, (struct event){.kind = EVENT_WRITE, .file = file, .offset = offset, .count = got}, NULL, chunk);
        }
        if (content) fclose(content);
    }
    pthread_mutex_unlock(&disk->lock);
    return file;
}

static faulty_disk *make(const char *directory) {
    char path[PATH_MAX];
    if (!realpath(directory, path)) return NULL;
    faulty_disk *disk = calloc(1, sizeof *disk);
    pthread_mutex_init(&disk->lock, NULL);
    disk->directory = strdup(path);
    return disk;
}

static void destroy(faulty_disk *disk) {
    for (size_t place = 0; place < disk->count; place++) {
        free(disk->events[place].bytes);
        free(disk->events[place].name);
    }
    free(disk->events);
    free(disk->directory);
    pthread_mutex_destroy(&disk->lock);
    free(disk);
}

static faulty_disk *added(faulty_disk *disk) {
    if (add(disk)) return disk;
    destroy(disk);
    return NULL;
}

faulty_disk *faulty_disk_attach(const char *directory) {
    DIR *listing = opendir(directory);
    faulty_disk *disk = listing ? make(directory) : NULL;
    struct dirent *item;
    while (disk && (item = readdir(listing))) {
        size_t length = strlen(item->d_name);
        if (item->d_type != DT_REG || (length > 4 && !strcmp(item->d_name + length - 4, "-shm"))) continue;
        faulty_disk_note(disk, EVENT_SYNC, faulty_disk_file(disk, item->d_name), NULL, 0, NULL, 0);
    }
    if (listing) closedir(listing);
    if (!disk) return NULL;
    faulty_disk_note(disk, EVENT_SYNC_DIRECTORY, -1, NULL, 0, NULL, 0);
    return added(disk);
}

faulty_disk *faulty_disk_continue(faulty_disk *disk, size_t moment, const char *directory) {
    if (faulty_disk_lose_power(disk, moment, FAULTY_LOSS_NONE, 0, directory) != 0) return NULL;
    faulty_disk *copy = make(directory);
    if (!copy) return NULL;
    pthread_mutex_lock(&disk->lock);
    for (size_t place = 0; place < disk->count && place < moment; place++) {
        struct event *event = &disk->events[place];
        note_locked(copy, *event, event->name, event->bytes);
    }
    copy->file_count = disk->file_count;
    pthread_mutex_unlock(&disk->lock);
    return added(copy);
}

void faulty_disk_detach(faulty_disk *disk) {
    pthread_mutex_lock(&disks_lock);
    for (size_t place = 0; place < sizeof disks / sizeof *disks; place++) {
        if (disks[place] == disk) disks[place] = NULL;
    }
    pthread_mutex_unlock(&disks_lock);
    destroy(disk);
}

size_t faulty_disk_moment(faulty_disk *disk) {
    pthread_mutex_lock(&disk->lock);
    size_t count = disk->count;
    pthread_mutex_unlock(&disk->lock);
    return count;
}

int faulty_disk_is_sync(faulty_disk *disk, size_t moment) {
    pthread_mutex_lock(&disk->lock);
    int answer = 0;
    if (moment < disk->count) {
        enum event_kind kind = disk->events[moment].kind;
        answer = kind == EVENT_SYNC || kind == EVENT_FAILED_SYNC || kind == EVENT_SYNC_DIRECTORY;
    }
    pthread_mutex_unlock(&disk->lock);
    return answer;
}

int faulty_disk_sync_directory(faulty_disk *disk) {
    if (faulty_disk_strikes(disk, FAULTY_SYNC)) {
        errno = EIO;
        return -1;
    }
    faulty_disk_note(disk, EVENT_SYNC_DIRECTORY, -1, NULL, 0, NULL, 0);
    return 0;
}

void faulty_disk_fail(faulty_disk *disk, enum faulty_operation operation, enum faulty_reason reason, long nth, int lasting) {
    pthread_mutex_lock(&disk->lock);
    disk->failing = operation;
    disk->reason = reason;
    disk->nth = nth;
    disk->lasting = lasting;
    disk->met = 0;
    if (operation != FAULTY_NOTHING) disk->failures = 0;
    pthread_mutex_unlock(&disk->lock);
}

long faulty_disk_failures(faulty_disk *disk) {
    pthread_mutex_lock(&disk->lock);
    long failures = disk->failures;
    pthread_mutex_unlock(&disk->lock);
    return failures;
}

int faulty_disk_strikes(faulty_disk *disk, enum faulty_operation operation) {
    pthread_mutex_lock(&disk->lock);
    int strikes = 0;
    if (disk->failing == operation) {
        disk->met++;
        strikes = disk->met == disk->nth || (disk->lasting && disk->met > disk->nth);
        disk->failures += strikes;
    }
    pthread_mutex_unlock(&disk->lock);
    return strikes;
}
