/* What a tape's records refer to by number: types, threads, functions and the places of their calls. Each is
   written down once, right before it is first referred to. */

#include "native.h"

/* ---- names ---- */

static int put_beginning(Bytes *bytes, int opcode, uint64_t number) {
    if (bytes_room(bytes, 6 * NUMBER_AT_MOST) < 0)
        return -1;
    put_number(bytes, KIND_OTHER);
    put_number(bytes, opcode);
    put_number(bytes, number);
    return 0;
}

static int put_name(Tape *tape, int opcode, uint64_t number, PyObject *name) {
    return put_beginning(&tape->bytes, opcode, number) < 0 ? -1 : put_text(&tape->bytes, name);
}

enum { NAMES_AT_MOST = 4096 };

/* The number of name in numbers; of a new one it is written what it stands for. */
static int64_t numbered(Tape *tape, Numbers *numbers, int opcode, PyObject *name) {
    PyObject *known = PyDict_GetItemWithError(numbers->of, name);
    if (known != NULL)
        return PyLong_AsLong(known);
    if (PyErr_Occurred())
        return -1;
    if (PyDict_GET_SIZE(numbers->of) >= NAMES_AT_MOST)
        PyDict_Clear(numbers->of);
    int64_t number = numbers->next;
    PyObject *value = PyLong_FromLongLong(number);
    if (value == NULL)
        return -1;
    close_page(); /* others may have run since the caller did so */
    int failed = PyDict_SetItem(numbers->of, name, value) < 0 || put_name(tape, opcode, number, name) < 0;
    Py_DECREF(value);
    if (failed)
        return -1;
    numbers->next++;
    return number;
}

int64_t tape_type(Tape *tape, PyObject *name) { return numbered(tape, &tape->types, OP_TYPE, name); }

int64_t tape_thread(Tape *tape, PyObject *name) { return numbered(tape, &tape->threads, OP_THREAD, name); }

/* ---- functions ---- */

/* Whether number was not in the set before: it is from now on. -1 where there is no room for it. */
static int set_add(Set *set, uint32_t number) {
    if (number / 8 >= set->room) {
        size_t room = (number / 8 + 1) * 2;
        unsigned char *bits = PyMem_RawRealloc(set->bits, room);
        if (bits == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        memset(bits + set->room, 0, room - set->room);
        set->bits = bits;
        set->room = room;
    }
    int added = !(set->bits[number / 8] >> (number & 7) & 1);
    set->bits[number / 8] |= 1 << (number & 7);
    return added;
}

static int put_function(Tape *tape, Function *function) {
    int added = set_add(&tape->functions, function->number);
    if (added <= 0)
        return added;
    for (int index = 0; index < function->count; index++) {
        struct Argument *argument = &function->arguments[index];
        added = set_add(&tape->names, argument->number);
        if (added < 0 || (added && put_name(tape, OP_NAME, argument->number, argument->name) < 0))
            return -1;
    }
    Bytes *bytes = &tape->bytes;
    if (put_name(tape, OP_FUNCTION, function->number, function->id) < 0 || put_text(bytes, function->file) < 0 ||
        bytes_room(bytes, (2 + function->count) * NUMBER_AT_MOST) < 0)
        return -1;
    put_number(bytes, ((PyCodeObject *)function->code)->co_firstlineno);
    put_number(bytes, function->count);
    for (int index = 0; index < function->count; index++)
        put_number(bytes, function->arguments[index].number);
    return 0;
}

/* ---- places of calls ---- */

/* None of them lies across two of the processor's lines. */
Site *new_sites(size_t room) {
    void *sites;
    if (posix_memalign(&sites, 64, room * sizeof(Site)) != 0) {
        PyErr_NoMemory();
        return NULL;
    }
    return memset(sites, 0, room * sizeof(Site));
}

static int sites_grow(Tape *tape) {
    size_t room = tape->site_room * 2;
    Site *sites = new_sites(room);
    if (sites == NULL)
        return -1;
    for (size_t index = 0; index < tape->site_room; index++) {
        Site *site = &tape->sites[index];
        if (site->code == NULL)
            continue;
        *site_among(sites, room - 1, site->instruction, site->code) = *site;
    }
    free(tape->sites);
    tape->sites = sites;
    tape->site_room = room;
    return 0;
}

/* The line that a frame has come to; 0 where it has none. */
static int line_of(Frame *frame) {
    int at = _PyInterpreterFrame_LASTI(frame) * (int)sizeof(_Py_CODEUNIT);
    int line = at < 0 ? 0 : PyCode_Addr2Line(frame_code(frame), at);
    return line < 0 ? 0 : line;
}

/* The lines of instructions that functions were called from lately, in traces before this one, too: to look
   one up takes longer than all else that there is to write of a place. Chosen code is kept for good. */
enum { LINES_KEPT = 4096 };
static struct {
    void *instruction;
    int line;
} lines[LINES_KEPT];

static int known_line_of(Frame *frame) {
    void *instruction = INSTRUCTION(frame);
    size_t place = ((uintptr_t)instruction >> 1) % LINES_KEPT;
    if (lines[place].instruction != instruction) {
        lines[place].line = line_of(frame);
        lines[place].instruction = instruction;
    }
    return lines[place].line;
}

/* Leaves room for a call on the tape. */
Site *tape_new_site(Tape *tape, void *instruction, PyObject *code, Frame *caller) {
    Function *function = function_of(code);
    if (function == NULL || tape->site_count >> 7 * SITE_AT_MOST ||
        (tape->site_count * 2 >= tape->site_room && sites_grow(tape) < 0) || put_function(tape, function) < 0 ||
        put_beginning(&tape->bytes, OP_SITE, tape->site_count) < 0)
        return NULL;
    put_number(&tape->bytes, function->number);
    put_number(&tape->bytes, caller ? known_line_of(caller) : 0);
    if (bytes_room(&tape->bytes, RECORD_AT_MOST) < 0)
        return NULL;
    Site *site = site_among(tape->sites, tape->site_room - 1, instruction, code);
    *site = (Site){.instruction = instruction,
                   .code = code,
                   .function = function,
                   .call = {KIND_CALL},
                   .more = function->resumable || values_mode != VALUES_NONE};
    site->length = (uint8_t)(number_at(site->call + 1, tape->site_count++) - site->call);
    return site;
}
