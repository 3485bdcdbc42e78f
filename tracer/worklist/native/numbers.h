/* Growing rows of numbers: up to two stand in the place of the pointer, more outside, in 4, 8, 16, ... places. */

#ifndef STACKWALK_NUMBERS_H
#define STACKWALK_NUMBERS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FEW 6 /* up to so many values stand in the order in which they came */

static inline int32_t *
numbers_of(int32_t **place, uint32_t count)
{
    return count <= 2 ? (int32_t *)place : *place;
}

static inline int
make_room(int32_t **place, uint32_t count, uint32_t wanted)
{
    if (wanted <= 2) {
        return 0;
    }
    size_t room = 4;
    while (room < count) {
        room *= 2;
    }
    if (count > 2 && wanted <= room) {
        return 0;
    }
    size_t more = room;
    while (more < wanted) {
        more *= 2;
    }
    int32_t *grown;
    if (count <= 2) {
        grown = PyMem_Malloc(more * sizeof(int32_t));
        if (grown != NULL) {
            memcpy(grown, place, count * sizeof(int32_t));
        }
    }
    else {
        grown = PyMem_Realloc(*place, more * sizeof(int32_t));
    }
    if (grown == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    *place = grown;
    return 0;
}

static inline void
forget_numbers(int32_t **place, uint32_t *count)
{
    if (*count > 2) {
        PyMem_Free(*place);
    }
    *place = NULL;
    *count = 0;
}

static inline int
by_number(const void *left, const void *right)
{
    int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
    return (a > b) - (a < b);
}

static inline void
sort_numbers(int32_t *numbers, uint32_t count)
{
    if (count > 64) {
        qsort(numbers, count, sizeof(int32_t), by_number);
        return;
    }
    for (uint32_t at = 1; at < count; at++) {
        int32_t number = numbers[at];
        uint32_t to = at;
        for (; to > 0 && numbers[to - 1] > number; to--) {
            numbers[to] = numbers[to - 1];
        }
        numbers[to] = number;
    }
}

static inline uint32_t
place_of(const int32_t *numbers, uint32_t count, int32_t number)
{
    uint32_t low = 0;
    while (count > 0) {
        uint32_t half = count / 2;
        if (numbers[low + half] < number) {
            low += half + 1;
            count -= half + 1;
        }
        else {
            count = half;
        }
    }
    return low;
}

static inline int
is_among(const int32_t *numbers, uint32_t count, int32_t number)
{
    if (count <= FEW) {
        for (uint32_t at = 0; at < count; at++) {
            if (numbers[at] == number) {
                return 1;
            }
        }
        return 0;
    }
    uint32_t place = place_of(numbers, count, number);
    return place < count && numbers[place] == number;
}

#endif
