/* Telling a text that may be shown as it is from one that has to be looked at closely.

   Which signs make a text suspicious is ../masking.py's to say; a text that has none of them, is short and
   holds no secret met before needs no closer look. */

#include "native.h"
#include <string.h>

enum { LONGEST_PLAIN = 63, UUID_SHORTEST = 32, UUID_LONGEST = 36, SIGNS_AT_MOST = 64 };

static struct {
    char text[24];
    size_t length;
} signs[SIGNS_AT_MOST];
static int sign_count = -1; /* none is known: every text is looked at */
static uint64_t beginnings[65536 / 64]; /* of two letters, of signs */
static unsigned char first_letters[256];

static PyObject *masker;

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

int texts_configure(PyObject *the_masker) {
    masker = Py_NewRef(the_masker);
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
    for (size_t at = 0; at < length; at++) {
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

/* Whether a secret met before is, or is part of, text. */
static int has_secret(PyObject *value, const char *text, size_t length) {
    PyObject *parts = PyObject_GetAttrString(masker, "parts");
    PyObject *secrets = PyObject_GetAttrString(masker, "secrets");
    int found = parts == NULL || secrets == NULL || PyDict_Contains(secrets, value) != 0;
    for (Py_ssize_t index = 0; !found && index < PyTuple_GET_SIZE(parts); index++) {
        Py_ssize_t size;
        const char *part = PyUnicode_AsUTF8AndSize(PyTuple_GET_ITEM(parts, index), &size);
        found = part == NULL || ((size_t)size <= length && memmem(text, length, part, size) != NULL);
    }
    PyErr_Clear();
    Py_XDECREF(parts);
    Py_XDECREF(secrets);
    return found;
}

/* How value may be shown without a closer look: with its text, without, or not without. */
int look_at_text(PyObject *value) {
    Py_ssize_t length = PyUnicode_GET_LENGTH(value);
    if (sign_count < 0 || !PyUnicode_IS_COMPACT_ASCII(value) || length > LONGEST_PLAIN)
        return TEXT_UNCLEAR;
    if (values_mode == VALUES_IDS)
        return length < UUID_SHORTEST || length > UUID_LONGEST ? TEXT_HIDDEN : TEXT_UNCLEAR;
    const char *text = (const char *)PyUnicode_1BYTE_DATA(value);
    if (has_sign((const unsigned char *)text, length) || has_secret(value, text, length))
        return TEXT_UNCLEAR;
    return TEXT_SHOWN;
}
