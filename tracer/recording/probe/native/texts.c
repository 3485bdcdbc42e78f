/* Telling a text that may be shown as it is from one that has to be looked at closely.

   Which signs make a text suspicious is ../masking.py's to say; a text that has none of them and holds no
   secret met before needs no closer look. */

#include "native.h"
#include <stdlib.h>
#include <string.h>

enum { UUID_SHORTEST = 32, UUID_LONGEST = 36, SIGNS_AT_MOST = 64, LONGEST_NUMBER = 32 };

static struct {
    char text[24];
    size_t length;
} signs[SIGNS_AT_MOST];
static int sign_count = -1; /* none is known: every text is looked at */
static uint64_t beginnings[65536 / 64]; /* of two letters, of signs */
static unsigned char first_letters[256];

static unsigned char run_letters[256]; /* of which a long run without a break is suspicious */
static long run_from, shown_at_most, looked_at_most;
size_t value_at_most;

static PyObject *masker;
static PyObject *secrets; /* its dictionary, which stays the same one */
static PyObject *parts_name;

static unsigned char lower(unsigned char letter) {
    return letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter;
}

static void note_beginning(unsigned char first, unsigned char second) {
    for (int letter = 0; letter < 256; letter++) {
        if (lower(letter) != first)
            continue;
        first_letters[letter] = 1;
        for (int next = 0; next < 256; next++)
            if (second == 0 || lower(next) == second)
                beginnings[(letter << 8 | next) / 64] |= (uint64_t)1 << (next & 63);
    }
}

static int limit(PyObject *owner, const char *name, long *limit) {
    PyObject *value = PyObject_GetAttrString(owner, name);
    *limit = value ? PyLong_AsLong(value) : -1;
    Py_XDECREF(value);
    return PyErr_Occurred() ? -1 : 0;
}

int texts_configure(PyObject *capture) {
    PyObject *letters;
    masker = PyObject_GetAttrString(capture, "masker");
    if (masker == NULL || limit(masker, "run_from", &run_from) < 0 ||
        limit(capture, "text_at_most", &shown_at_most) < 0 ||
        limit(capture, "looked_at_most", &looked_at_most) < 0 ||
        (secrets = PyObject_GetAttrString(masker, "secrets")) == NULL ||
        (parts_name = PyUnicode_InternFromString("parts")) == NULL ||
        (letters = PyObject_GetAttrString(masker, "run_letters")) == NULL)
        return -1;
    value_at_most = 4 * NUMBER_AT_MOST + (shown_at_most > LONGEST_NUMBER ? shown_at_most : LONGEST_NUMBER) + 3;
    for (const char *letter = PyUnicode_AsUTF8(letters); letter != NULL && *letter; letter++)
        run_letters[(unsigned char)*letter] = 1;
    Py_DECREF(letters);
    PyObject *given = PyObject_GetAttrString(masker, "signs");
    if (given == NULL)
        return -1;
    int count = 0;
    if (given != Py_None) {
        for (Py_ssize_t index = 0; index < PyTuple_GET_SIZE(given); index++, count++) {
            Py_ssize_t length;
            const char *sign = PyUnicode_AsUTF8AndSize(PyTuple_GET_ITEM(given, index), &length);
            if (sign == NULL || length == 0 || length >= (Py_ssize_t)sizeof signs[0].text || count == SIGNS_AT_MOST) {
                Py_DECREF(given);
                PyErr_Clear();
                return 0;
            }
            memcpy(signs[count].text, sign, length);
            signs[count].length = length;
            note_beginning(sign[0], length > 1 ? sign[1] : 0);
        }
        sign_count = count;
    }
    Py_DECREF(given);
    return 0;
}

static int has_sign(const unsigned char *text, size_t length) {
    long run = 0;
    for (size_t at = 0; at < length; at++) {
        run = run_letters[text[at]] ? run + 1 : 0;
        if (run >= run_from)
            return 1;
        if (!first_letters[text[at]])
            continue;
        unsigned pair = text[at] << 8 | (at + 1 < length ? text[at + 1] : 0);
        if (!(beginnings[pair / 64] >> (pair & 63) & 1))
            continue;
        for (int index = 0; index < sign_count; index++) {
            size_t same = 0, all = signs[index].length;
            if (all > length - at)
                continue;
            while (same < all && lower(text[at + same]) == (unsigned char)signs[index].text[same])
                same++;
            if (same == all)
                return 1;
        }
    }
    return 0;
}

static struct Part {
    const char *text;
    size_t length;
} *parts; /* the shortest first */
static size_t part_count;
static PyObject *parts_of; /* the masker's tuple that they were made of, which keeps the texts */

static int by_length(const void *one, const void *other) {
    size_t first = ((const struct Part *)one)->length, second = ((const struct Part *)other)->length;
    return (first > second) - (first < second);
}

static int parts_learn(PyObject *given) {
    Py_ssize_t count = PyTuple_GET_SIZE(given);
    struct Part *fresh = PyMem_RawMalloc((count ? count : 1) * sizeof *fresh);
    if (fresh == NULL)
        return -1;
    for (Py_ssize_t index = 0; index < count; index++) {
        Py_ssize_t length;
        fresh[index].text = PyUnicode_AsUTF8AndSize(PyTuple_GET_ITEM(given, index), &length);
        if (fresh[index].text == NULL) {
            PyMem_RawFree(fresh);
            return -1;
        }
        fresh[index].length = length;
    }
    qsort(fresh, count, sizeof *fresh, by_length);
    PyMem_RawFree(parts);
    parts = fresh;
    part_count = count;
    Py_XSETREF(parts_of, Py_NewRef(given));
    return 0;
}

/* Whether a secret met before is, or is part of, text; also where that cannot be said. */
static int has_secret(PyObject *value, const char *text, size_t length) {
    if (PyDict_GET_SIZE(secrets) == 0)
        return 0;
    PyObject *given = PyObject_GetAttr(masker, parts_name);
    int found = given == NULL || PyDict_Contains(secrets, value) != 0 || (given != parts_of && parts_learn(given) < 0);
    for (size_t index = 0; !found && index < part_count && parts[index].length <= length; index++)
        found = memmem(text, length, parts[index].text, parts[index].length) != NULL;
    PyErr_Clear();
    Py_XDECREF(given);
    return found;
}

/* Texts that were found to be harmless, as the very objects that are handed from function to function. What was
   found holds until a further secret is met, which ../masking.py puts in the dictionary last of all. */
enum { CLEARED_TEXTS = 1024 };
static struct {
    PyObject *text;
    uint64_t secrets;
} cleared[CLEARED_TEXTS];

static int is_suspicious(PyObject *value, const char *text, Py_ssize_t length) {
    size_t place = ((uintptr_t)value >> 4) % CLEARED_TEXTS;
    uint64_t met = ((PyDictObject *)secrets)->ma_version_tag;
    if (cleared[place].text == value && cleared[place].secrets == met)
        return 0;
    if (has_sign((const unsigned char *)text, length) || has_secret(value, text, length))
        return 1;
    if (length <= shown_at_most) {
        Py_XSETREF(cleared[place].text, Py_NewRef(value));
        cleared[place].secrets = met;
    }
    return 0;
}

/* How value may be shown without a closer look: with its text, without, or not without. */
int look_at_text(PyObject *value) {
    Py_ssize_t length = PyUnicode_GET_LENGTH(value);
    if (sign_count < 0 || !PyUnicode_IS_COMPACT_ASCII(value))
        return TEXT_UNCLEAR;
    if (length > looked_at_most)
        return TEXT_HIDDEN;
    if (values_mode == VALUES_IDS)
        return length < UUID_SHORTEST || length > UUID_LONGEST ? TEXT_HIDDEN : TEXT_UNCLEAR;
    const char *text = (const char *)PyUnicode_1BYTE_DATA(value);
    if (is_suspicious(value, text, length))
        return TEXT_UNCLEAR;
    return length > shown_at_most ? TEXT_CUT : TEXT_SHOWN;
}

/* Writes as much of a text as it was found that may be shown; the end of it. */
unsigned char *text_at(unsigned char *at, PyObject *value, int look) {
    static const char ellipsis[] = "\xe2\x80\xa6";
    const char *text = (const char *)PyUnicode_1BYTE_DATA(value);
    if (look == TEXT_SHOWN)
        return raw_at(at, text, PyUnicode_GET_LENGTH(value));
    size_t kept = shown_at_most - 1, more = sizeof ellipsis - 1;
    at = number_at(at, kept + more);
    memcpy(at, text, kept);
    memcpy(at + kept, ellipsis, more);
    return at + kept + more;
}
