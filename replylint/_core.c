/* The hot path of judging in C: words in a text, what they call, and where nodes hold.
 *
 * Everything here has a twin in Python that says the same in fewer words and is used where this was not built:
 *
 *     Characters      characters.PlainCharacters which kinds of characters a text has
 *     Literals.scan   matcher.PlainScanner      every occurrence of every literal
 *     Words           lexis.PlainWords          the words of a text, by number
 *     Calling         index.PlainCalling        which ways have their words where these may be
 *     Passage         passage.PlainPassage      where a node of the rule language holds
 *
 * The twins are held to the same results by tests/test_core.py. Read the Python first; comments here are about memory
 * and time only. Offsets are code points. No function keeps a borrowed reference across a call into Python.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Raised with every change of what Python sees here, so that a core built from an older source is not used. */
#define API 6

/* ---------------------------------------------------------------- small things */

typedef struct { int32_t *items; int32_t count; } Numbers;

static void *grown(void *items, size_t *room, size_t wanted, size_t size)
{
    if (wanted <= *room)
        return items;
    size_t more = *room ? *room * 2 : 16;
    while (more < wanted)
        more *= 2;
    if (more > SIZE_MAX / size) {
        PyErr_NoMemory();
        return NULL;
    }
    void *new = realloc(items, more * size);
    if (!new) {
        PyErr_NoMemory();
        return NULL;
    }
    *room = more;
    return new;
}

static void *zeroed(size_t count, size_t size)
{
    void *items = calloc(count ? count : 1, size);
    if (!items)
        PyErr_NoMemory();
    return items;
}

static int by_size(const void *one, const void *other)
{
    uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;
    return (a > b) - (a < b);
}

/* The first of some ordered rows that does not begin with a number below a limit. */
static inline int32_t first_row_from(const void *rows, int32_t count, size_t width, int64_t limit)
{
    int32_t low = 0, high = count;
    while (low < high) {
        int32_t middle = (low + high) / 2;
        if (*(const int32_t *)((const char *)rows + (size_t)middle * width) < limit)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static inline int32_t first_from(const int32_t *items, int32_t count, int64_t limit)
{
    return first_row_from(items, count, sizeof(int32_t), limit);
}

static inline int holds(const int32_t *items, int32_t count, int32_t wanted)
{
    int32_t at = first_from(items, count, wanted);
    return at < count && items[at] == wanted;
}

/* The place of the lowest bit that is set. */
static inline int lowest_bit(uint64_t bits)
{
#if defined(__GNUC__)
    return __builtin_ctzll(bits);
#else
    int at = 0;
    while (!(bits >> at & 1))
        at++;
    return at;
#endif
}

/* A map from numbers to numbers, by open addressing; -1 where there is none. Sized once. */
typedef struct { int32_t *keys, *values; uint32_t mask; } Map;

static int map_make(Map *map, size_t count)
{
    size_t room = 8;
    while (room < count * 2)
        room *= 2;
    map->mask = (uint32_t)(room - 1);
    map->keys = malloc(room * 2 * sizeof(int32_t));
    if (!map->keys) {
        PyErr_NoMemory();
        return -1;
    }
    memset(map->keys, 0xff, room * 2 * sizeof(int32_t));
    map->values = map->keys + room;
    return 0;
}

static inline uint32_t scattered(uint32_t key) { return key * 2654435761u ^ (key * 2654435761u >> 15); }

static inline int32_t map_get(const Map *map, int32_t key)
{
    for (uint32_t at = scattered((uint32_t)key) & map->mask;; at = (at + 1) & map->mask) {
        if (map->keys[at] == key)
            return map->values[at];
        if (map->keys[at] < 0)
            return -1;
    }
}

static void map_put(Map *map, int32_t key, int32_t value)
{
    uint32_t at = scattered((uint32_t)key) & map->mask;
    while (map->keys[at] >= 0 && map->keys[at] != key)
        at = (at + 1) & map->mask;
    map->keys[at] = key;
    map->values[at] = value;
}

/* Numbers as the plan has them: signed, 32 bits, in rows of a width. They stay where the bytes object has them. */
typedef struct { const int32_t *items; int32_t rows; } Table;

static int read_table(PyObject *bytes, int width, Table *table)
{
    Py_ssize_t size = PyBytes_GET_SIZE(bytes);
    if (size % (Py_ssize_t)(sizeof(int32_t) * (size_t)width) || size > INT32_MAX / 4) {
        PyErr_SetString(PyExc_ValueError, "rows of numbers wanted");
        return -1;
    }
    table->items = (const int32_t *)(const void *)PyBytes_AS_STRING(bytes);
    table->rows = (int32_t)(size / (Py_ssize_t)(sizeof(int32_t) * (size_t)width));
    return 0;
}

static int no_such(const char *what)
{
    PyErr_Format(PyExc_ValueError, "no such %s", what);
    return -1;
}

/* Sets of words side by side, each in order; they stay where the plan has them. */
typedef struct {
    const int32_t *ends, *words;
    int32_t count;
    int32_t most;        /* words have numbers below this */
} WordSets;

static int read_sets(WordSets *sets, Table ends, Table words)
{
    *sets = (WordSets){ends.items, words.items, ends.rows, 0};
    int32_t from = 0;
    for (int32_t at = 0; at < ends.rows; at++) {
        int32_t end = ends.items[at];
        if (end < from || end > words.rows)
            return no_such("word");
        for (int32_t word = from; word < end; word++)
            if (words.items[word] < 0 || (word > from && words.items[word] <= words.items[word - 1]))
                return no_such("word");
        if (end > from && words.items[end - 1] >= sets->most)
            sets->most = words.items[end - 1] + 1;
        from = end;
    }
    return sets->most > 1 << 24 ? no_such("word") : 0;
}

/* The words of a set; only ever read. */
static inline Numbers words_of(const WordSets *sets, int32_t set)
{
    int32_t from = set ? sets->ends[set - 1] : 0;
    return (Numbers){(int32_t *)sets->words + from, sets->ends[set] - from};
}

static int is_text(PyObject *text)
{
    if (PyUnicode_Check(text))
        return PyUnicode_READY(text) == 0;
    PyErr_SetString(PyExc_TypeError, "a text is a string");
    return 0;
}

/* ---------------------------------------------------------------- Characters */

enum { FOLDED = 1, SYMBOL = 4, DIGIT = 8, COUNTED = 64 }; /* see characters.py */

typedef struct {
    PyObject_HEAD
    Map kinds;
} Characters;

static void Characters_dealloc(Characters *self)
{
    PyTypeObject *type = Py_TYPE(self);
    free(self->kinds.keys);
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

static inline int32_t kind_of(const Characters *self, Py_UCS4 character)
{
    int32_t kind = map_get(&self->kinds, (int32_t)character);
    return kind >= 0 ? kind : Py_UNICODE_ISALNUM(character) ? 0 : SYMBOL;
}

static int read_kinds(Characters *self, PyObject *kinds, PyObject *folded, PyObject *plain)
{
    PyObject *key, *value;
    Py_ssize_t at = 0, count = PyUnicode_GET_LENGTH(folded);
    if (map_make(&self->kinds, (size_t)(PyDict_GET_SIZE(kinds) + count)) < 0)
        return -1;
    while (PyDict_Next(kinds, &at, &key, &value)) {
        long kind = PyLong_AsLong(value);
        if (kind < 0 || kind >= COUNTED || !PyUnicode_Check(key) || PyUnicode_GET_LENGTH(key) != 1) {
            if (!PyErr_Occurred())
                PyErr_SetString(PyExc_ValueError, "a character has kinds");
            return -1;
        }
        map_put(&self->kinds, (int32_t)PyUnicode_READ_CHAR(key, 0), (int32_t)kind);
    }
    if (PyUnicode_GET_LENGTH(plain) != count) {
        PyErr_SetString(PyExc_ValueError, "a character is folded to one character");
        return -1;
    }
    for (at = 0; at < count; at++)
        map_put(&self->kinds, (int32_t)PyUnicode_READ_CHAR(folded, at),
                FOLDED | kind_of(self, PyUnicode_READ_CHAR(plain, at)));
    return 0;
}

/* Characters(kinds, folded, plain) */
static PyObject *Characters_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"kinds", "folded", "plain", NULL};
    PyObject *kinds, *folded, *plain;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!UU", names, &PyDict_Type, &kinds, &folded, &plain) ||
        PyUnicode_READY(folded) < 0 || PyUnicode_READY(plain) < 0)
        return NULL;
    Characters *self = (Characters *)type->tp_alloc(type, 0);
    if (self && read_kinds(self, kinds, folded, plain) < 0)
        Py_CLEAR(self);
    return (PyObject *)self;
}

static PyObject *Characters_glance(Characters *self, PyObject *text)
{
    if (!is_text(text))
        return NULL;
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    int32_t seen = 0;
    int64_t digits = 0;
    for (Py_ssize_t at = 0; at < PyUnicode_GET_LENGTH(text); at++) {
        int32_t found = kind_of(self, PyUnicode_READ(kind, data, at));
        seen |= found;
        digits += (found & DIGIT) != 0;
    }
    return PyLong_FromLongLong(digits * COUNTED + seen);
}

/* ---------------------------------------------------------------- Literals */

typedef struct { int32_t state; Py_UCS4 character; int32_t target; } Step; /* to the root leads none: 0 where free */

typedef struct {
    PyObject_HEAD
    Step *steps;         /* from one state to another, by open addressing */
    uint32_t mask;
    int32_t *word;       /* per state: the literal that ends there, or -1 */
    uint8_t *inner;      /* per state: whether longer literals go on */
    int32_t states;
    int32_t *lengths;    /* per literal */
    uint8_t *latin;      /* per literal: whether it must not cut a Latin word or a number */
    int32_t count;
    Map stands;          /* what characters count as, where there is a table of these */
    int32_t *slot;       /* scratch: per literal its place among the distinct ones of the text being read */
    uint32_t *stamp;
    uint32_t epoch;
} Literals;

static inline uint32_t step_place(int32_t state, Py_UCS4 character, uint32_t mask)
{
    uint64_t key = (uint64_t)(uint32_t)state << 21 | character;
    return (uint32_t)(((key + 1) * 0x9E3779B97F4A7C15ull) >> 33) & mask;
}

static inline int32_t next_state(const Literals *self, int32_t state, Py_UCS4 character)
{
    for (uint32_t at = step_place(state, character, self->mask);; at = (at + 1) & self->mask) {
        const Step *step = &self->steps[at];
        if (!step->target)
            return -1;
        if (step->state == state && step->character == character)
            return step->target;
    }
}

static void put_step(Literals *self, Step step)
{
    uint32_t at = step_place(step.state, step.character, self->mask);
    while (self->steps[at].target)
        at = (at + 1) & self->mask;
    self->steps[at] = step;
}

/* Twice the room for steps; there are as many as states, but for the root. */
static int widen(Literals *self)
{
    Step *old = self->steps;
    uint32_t room = self->mask + 1;
    self->steps = zeroed((size_t)room * 2, sizeof(Step));
    if (!self->steps) {
        self->steps = old;
        return -1;
    }
    self->mask = room * 2 - 1;
    for (uint32_t at = 0; at < room; at++)
        if (old[at].target)
            put_step(self, old[at]);
    free(old);
    return 0;
}

/* A state that is reached from another by a character. */
static int32_t add_state(Literals *self, int32_t state, Py_UCS4 character)
{
    if ((uint32_t)self->states > self->mask / 2 && widen(self) < 0)
        return -1;
    put_step(self, (Step){state, character, self->states});
    self->inner[state] = 1;
    return self->states++;
}

static void Literals_dealloc(Literals *self)
{
    PyTypeObject *type = Py_TYPE(self);
    free(self->steps);
    free(self->word);
    free(self->inner);
    free(self->lengths);
    free(self->latin);
    free(self->stands.keys);
    free(self->slot);
    free(self->stamp);
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

/* `ends` says where each literal ends in a text in which they stand side by side. */
static int Literals_fill(Literals *self, PyObject *text, const int32_t *ends)
{
    Py_ssize_t characters = PyUnicode_GET_LENGTH(text);
    if (characters > INT32_MAX / 4) {
        PyErr_SetString(PyExc_ValueError, "too many literals");
        return -1;
    }
    for (int32_t number = 0; number < self->count; number++)
        if (ends[number] <= (number ? ends[number - 1] : 0) || ends[number] > characters) {
            PyErr_SetString(PyExc_ValueError, "a literal is a string that is not empty");
            return -1;
        }
    size_t room = 16;
    while (room < (size_t)characters / 2)
        room *= 2;
    self->mask = (uint32_t)(room - 1);
    self->steps = zeroed(room, sizeof(Step));
    self->word = malloc(((size_t)characters + 1) * sizeof(int32_t));
    self->inner = zeroed((size_t)characters + 1, 1);
    self->lengths = zeroed((size_t)self->count, sizeof(int32_t));
    self->latin = zeroed((size_t)self->count, 1);
    self->slot = zeroed((size_t)self->count, sizeof(int32_t));
    self->stamp = zeroed((size_t)self->count, sizeof(uint32_t));
    if (!self->word)
        PyErr_NoMemory();
    if (!self->steps || !self->word || !self->inner || !self->lengths || !self->latin ||
        !self->slot || !self->stamp)
        return -1;
    memset(self->word, 0xff, ((size_t)characters + 1) * sizeof(int32_t));
    self->states = 1;
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    for (int32_t number = 0, at = 0; number < self->count; number++) {
        int32_t state = 0;
        self->lengths[number] = ends[number] - at;
        self->latin[number] = PyUnicode_READ(kind, data, at) < '{' || PyUnicode_READ(kind, data, ends[number] - 1) < '{';
        for (; at < ends[number]; at++) {
            Py_UCS4 character = PyUnicode_READ(kind, data, at);
            int32_t next = next_state(self, state, character);
            if (next < 0 && (next = add_state(self, state, character)) < 0)
                return -1;
            state = next;
        }
        self->word[state] = number;
    }
    /* Literals share their beginnings: half of the room stays empty. */
    int32_t *word = realloc(self->word, (size_t)self->states * sizeof(int32_t));
    uint8_t *inner = realloc(self->inner, (size_t)self->states);
    self->word = word ? word : self->word;
    self->inner = inner ? inner : self->inner;
    return 0;
}

/* A table as str.translate takes it: a code point and the character that it counts as. */
static int read_stands(Literals *self, PyObject *stands)
{
    PyObject *key, *value;
    Py_ssize_t at = 0;
    if (map_make(&self->stands, (size_t)PyDict_GET_SIZE(stands)) < 0)
        return -1;
    while (PyDict_Next(stands, &at, &key, &value)) {
        long character = PyLong_AsLong(key);
        if (character < 0 || character > 0x10ffff || !PyUnicode_Check(value) || PyUnicode_GET_LENGTH(value) != 1) {
            if (!PyErr_Occurred())
                PyErr_SetString(PyExc_ValueError, "a character counts as one character");
            return -1;
        }
        map_put(&self->stands, (int32_t)character, (int32_t)PyUnicode_READ_CHAR(value, 0));
    }
    return 0;
}

/* Literals(text, ends, stands): see matcher.WordList. */
static PyObject *Literals_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"text", "ends", "stands", NULL};
    PyObject *text, *ends, *stands = NULL;
    Table table;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!O!|O!", names, &PyUnicode_Type, &text, &PyBytes_Type, &ends,
                                     &PyDict_Type, &stands) ||
        PyUnicode_READY(text) < 0 || read_table(ends, 1, &table) < 0)
        return NULL;
    Literals *self = (Literals *)type->tp_alloc(type, 0);
    if (self) {
        self->count = table.rows;
        if (Literals_fill(self, text, table.items) < 0 || (stands && read_stands(self, stands) < 0))
            Py_CLEAR(self);
    }
    return (PyObject *)self;
}

/* Per literal a byte: see lexis.Lexis.latin. */
static PyObject *Literals_latin(Literals *self, void *Py_UNUSED(closure))
{
    return PyBytes_FromStringAndSize((const char *)self->latin, self->count);
}

typedef struct { int32_t start, word; } Hit;
typedef struct { Hit *items; size_t count, room; } Hits;

static inline Py_UCS4 counted(const Literals *self, Py_UCS4 character)
{
    int32_t stands = self->stands.keys ? map_get(&self->stands, (int32_t)character) : -1;
    return stands < 0 ? character : (Py_UCS4)stands;
}

/* Every literal at every place, by start and then by length. The literals are few characters long, so walking the
 * tree from each place costs less than following failure links. */
static int find_hits(const Literals *self, PyObject *text, Hits *hits)
{
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    if (length > INT32_MAX / 2) {
        PyErr_SetString(PyExc_ValueError, "the text is too long");
        return -1;
    }
    for (Py_ssize_t start = 0; start < length; start++) {
        int32_t state = 0;
        for (Py_ssize_t at = start; at < length && self->inner[state]; at++) {
            state = next_state(self, state, counted(self, PyUnicode_READ(kind, data, at)));
            if (state < 0)
                break;
            if (self->word[state] >= 0) {
                Hit *items = grown(hits->items, &hits->room, hits->count + 1, sizeof(Hit));
                if (!items)
                    return -1;
                hits->items = items;
                items[hits->count++] = (Hit){(int32_t)start, self->word[state]};
            }
        }
    }
    return 0;
}

static PyObject *hit_triples(const int32_t *lengths, const Hit *hits, size_t count)
{
    PyObject *found = PyList_New((Py_ssize_t)count);
    for (size_t at = 0; found && at < count; at++) {
        Hit hit = hits[at];
        PyObject *triple = Py_BuildValue("(iii)", hit.start, hit.start + lengths[hit.word], hit.word);
        if (!triple)
            Py_CLEAR(found);
        else
            PyList_SET_ITEM(found, (Py_ssize_t)at, triple);
    }
    return found;
}

static PyObject *Literals_scan(Literals *self, PyObject *text)
{
    Hits hits = {0};
    PyObject *found = NULL;
    if (is_text(text) && find_hits(self, text, &hits) == 0)
        found = hit_triples(self->lengths, hits.items, hits.count);
    free(hits.items);
    return found;
}

/* ---------------------------------------------------------------- Words */

typedef struct {
    PyObject_HEAD
    Literals *literals;
    Hit *hits;           /* by start */
    int32_t count;       /* of the hits */
    Map place;           /* a word's place among the distinct ones */
    int32_t *distinct;   /* words and, behind them, kinds of entities */
    int32_t *first;      /* per distinct word: where its starts begin in `starts`; one more at the end */
    int32_t *starts;
    int32_t number;      /* of distinct words */
} Words;

static void Words_dealloc(Words *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(self->literals);
    free(self->hits);
    free(self->place.keys);
    free(self->distinct);
    free(self->first);
    free(self->starts);
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

static inline int32_t place_of(const Words *self, int32_t word) { return map_get(&self->place, word); }

/* Whether it costs less to ask of so many words whether the text has them than to look for the words of the text among
 * them. */
static inline int are_few(int32_t count, const Words *words) { return count <= 4 * words->number; }

/* The starts of each distinct word side by side, in order; marks are few and come as they are. */
static int gather(Words *self, const Hit *marks, int32_t marked)
{
    Literals *literals = self->literals;
    int32_t total = self->count + marked;
    self->distinct = malloc(((size_t)total + 1) * sizeof(int32_t));
    self->first = zeroed((size_t)total + 2, sizeof(int32_t));
    self->starts = malloc(((size_t)total + 1) * sizeof(int32_t));
    if (!self->distinct || !self->first || !self->starts) {
        PyErr_NoMemory();
        return -1;
    }
    if (++literals->epoch == 0) {
        memset(literals->stamp, 0, (size_t)literals->count * sizeof(uint32_t));
        literals->epoch = 1;
    }
    int32_t number = 0;
    for (int32_t at = 0; at < self->count; at++) {
        int32_t word = self->hits[at].word;
        if (literals->stamp[word] != literals->epoch) {
            literals->stamp[word] = literals->epoch;
            literals->slot[word] = number;
            self->distinct[number++] = word;
        }
        self->first[literals->slot[word] + 2]++;
    }
    int32_t words = number;
    for (int32_t at = 0; at < marked; at++) {
        int32_t place = words;
        while (place < number && self->distinct[place] != marks[at].word)
            place++;
        if (place == number)
            self->distinct[number++] = marks[at].word;
        self->first[place + 2]++;
    }
    for (int32_t place = 0; place < number; place++)
        self->first[place + 2] += self->first[place + 1];
    for (int32_t at = 0; at < self->count; at++)
        self->starts[self->first[literals->slot[self->hits[at].word] + 1]++] = self->hits[at].start;
    for (int32_t at = 0; at < marked; at++) {
        int32_t place = words;
        while (self->distinct[place] != marks[at].word)
            place++;
        self->starts[self->first[place + 1]++] = marks[at].start;
    }
    self->number = number;
    if (map_make(&self->place, (size_t)number) < 0)
        return -1;
    for (int32_t place = 0; place < number; place++)
        map_put(&self->place, self->distinct[place], place);
    return 0;
}

/* Marks are (start, end, number) with numbers behind those of the literals. */
static Hit *read_marks(PyObject *source, int32_t from, int32_t *count)
{
    PyObject *fast = PySequence_Fast(source, "marks wanted");
    if (!fast)
        return NULL;
    Py_ssize_t number = PySequence_Fast_GET_SIZE(fast);
    Hit *marks = zeroed((size_t)number, sizeof(Hit));
    for (Py_ssize_t at = 0; marks && at < number; at++) {
        int start, end, word;
        PyObject *mark = PySequence_Fast_GET_ITEM(fast, at);
        if (!PyTuple_Check(mark) || !PyArg_ParseTuple(mark, "iii", &start, &end, &word) || word < from || start < 0) {
            if (!PyErr_Occurred())
                PyErr_SetString(PyExc_ValueError, "a mark is a start, an end and the number of a kind");
            free(marks);
            marks = NULL;
        } else
            marks[at] = (Hit){start, word};
    }
    Py_DECREF(fast);
    *count = (int32_t)number;
    return marks;
}

typedef struct {
    PyTypeObject *characters, *literals, *words, *calling, *nodes, *passage;
} State;

static State *state_of(PyObject *module) { return PyModule_GetState(module); }

static PyObject *read_words(PyTypeObject *type, Literals *literals, PyObject *text, PyObject *marks)
{
    Hits hits = {0};
    int32_t marked = 0;
    Hit *marked_at = NULL;
    if (!is_text(text))
        return NULL;
    if (marks && PyObject_IsTrue(marks) && !(marked_at = read_marks(marks, literals->count, &marked)))
        return NULL;
    Words *self = NULL;
    if (find_hits(literals, text, &hits) == 0 && (self = (Words *)type->tp_alloc(type, 0))) {
        self->literals = (Literals *)Py_NewRef((PyObject *)literals);
        self->hits = hits.items;
        self->count = (int32_t)hits.count;
        hits.items = NULL;
        if (gather(self, marked_at, marked) < 0)
            Py_CLEAR(self);
    }
    free(hits.items);
    free(marked_at);
    return (PyObject *)self;
}

static PyObject *Literals_read(Literals *self, PyTypeObject *defining, PyObject *const *args, Py_ssize_t count,
                               PyObject *names)
{
    if (count < 1 || count > 2 || (names && PyTuple_GET_SIZE(names))) {
        PyErr_SetString(PyExc_TypeError, "read(text, marks=())");
        return NULL;
    }
    State *state = PyType_GetModuleState(defining);
    return read_words(state->words, self, args[0], count > 1 ? args[1] : NULL);
}

static PyObject *Words_hits(Words *self, void *Py_UNUSED(closure))
{
    return hit_triples(self->literals->lengths, self->hits, (size_t)self->count);
}

static PyObject *Words_numbers(Words *self, void *Py_UNUSED(closure))
{
    PyObject *numbers = PySet_New(NULL);
    for (int32_t place = 0; numbers && place < self->number; place++) {
        PyObject *number = PyLong_FromLong(self->distinct[place]);
        if (!number || PySet_Add(numbers, number) < 0)
            Py_CLEAR(numbers);
        Py_XDECREF(number);
    }
    return numbers;
}

/* Whether another reading of the text has more words, or others. */
static PyObject *Words_is_less_than(Words *self, PyObject *argument)
{
    if (Py_TYPE(argument) != Py_TYPE(self)) {
        PyErr_SetString(PyExc_TypeError, "words wanted");
        return NULL;
    }
    Words *other = (Words *)argument;
    if (other->count > self->count)
        Py_RETURN_TRUE;
    for (int32_t at = 0; at < other->count; at++)
        if (place_of(self, other->hits[at].word) < 0)
            Py_RETURN_TRUE;
    Py_RETURN_FALSE;
}

/* ---------------------------------------------------------------- Calling */

#define SHORT 192        /* a text whose words all begin at places that fit a bit each, as nearly all do */
typedef struct { uint64_t bits[SHORT / 64]; } Places;
#define COMMON 64        /* so many words are in so many sets that the sets are asked for them instead of told */
typedef struct { int32_t set; int32_t first, last; } Need; /* a row of the table of needs */
typedef struct { int32_t number; Need need; int32_t need_end; } WayRow;
typedef struct { int32_t anchor, kind, way_end; } GroupRow;

/* What is known of a set of words. */
typedef struct {
    uint64_t common;     /* the common words in it, a bit each */
    Places where;        /* where in a short text the others begin, */
    uint32_t epoch;      /* if the text is the one that was told last */
} Set;

typedef struct {
    PyObject_HEAD
    PyObject *told[5];   /* the tables as the plan has them, which the rows below stay in */
    PyObject *nothing;   /* an empty set */
    PyObject *asked;     /* the words that the sets were told last */
    WordSets word_sets;
    const GroupRow *groups;
    const WayRow *ways;
    const Need *needs;
    int32_t *place;      /* per word: its place in `sets_from` and `groups_from`, or -1 */
    int32_t *sets_from, *sets_of;
    int32_t *groups_from, *groups_of;
    int8_t *common;      /* per place of a word: which of the common ones it is, or -1 */
    Set *sets;
    uint64_t common_seen; /* the common words that the text has */
    Places common_where[COMMON]; /* where in a short text each of these begins */
    int is_short;
    uint32_t *called;    /* scratch: per number of a kind, whether it is called already */
    int32_t kinds, numbers;
    uint32_t epoch, asking; /* of the text, and of the question that is asked about it */
} Calling;

#define MANY_PLACES 256
#define FEW_WORDS 16
#define MANY_KINDS 64

static void Calling_dealloc(Calling *self)
{
    PyTypeObject *type = Py_TYPE(self);
    for (int at = 0; at < 5; at++)
        Py_XDECREF(self->told[at]);
    Py_XDECREF(self->nothing);
    Py_XDECREF(self->asked);
    free(self->place);
    free(self->sets_from);
    free(self->sets_of);
    free(self->groups_from);
    free(self->groups_of);
    free(self->common);
    free(self->sets);
    free(self->called);
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

/* How often each word is in some sets. */
static int32_t *count_words(const int32_t *place, int32_t words, const Numbers *sets, int32_t count)
{
    int32_t *counts = zeroed((size_t)words, sizeof(int32_t));
    for (int32_t set = 0; counts && set < count; set++)
        for (int32_t at = 0; at < sets[set].count; at++)
            counts[place[sets[set].items[at]]]++;
    return counts;
}

/* The numbers of the sets by word, side by side: `from[place]` to `from[place + 1]` in `of`. Of a common word the sets
 * are told instead, if any word is common. */
static int listed(const int32_t *place, const int32_t *counts, int32_t words, const Numbers *sets, int32_t count,
                  const int8_t *common, Set *told, int32_t **from, int32_t **of)
{
    *from = zeroed((size_t)words + 2, sizeof(int32_t));
    if (!*from)
        return -1;
    for (int32_t at = 0; at < words; at++)
        (*from)[at + 2] = (*from)[at + 1] + (common && common[at] >= 0 ? 0 : counts[at]);
    *of = zeroed((size_t)(*from)[words + 1], sizeof(int32_t));
    if (!*of)
        return -1;
    for (int32_t set = 0; set < count; set++)
        for (int32_t at = 0; at < sets[set].count; at++) {
            int32_t word = place[sets[set].items[at]];
            if (common && common[word] >= 0)
                told[set].common |= (uint64_t)1 << common[word];
            else
                (*of)[(*from)[word + 1]++] = set;
        }
    return 0;
}

static int read_ways(Calling *self, Table groups, Table ways, Table needs)
{
    self->groups = (const GroupRow *)(const void *)groups.items;
    self->ways = (const WayRow *)(const void *)ways.items;
    self->needs = (const Need *)(const void *)needs.items;
    for (int32_t at = 0; at < needs.rows; at++)
        if (self->needs[at].set < 0 || self->needs[at].set >= self->word_sets.count)
            return no_such("set");
    for (int32_t at = 0, from = 0; at < ways.rows; from = self->ways[at++].need_end) {
        const WayRow *way = &self->ways[at];
        if (way->number < 0 || way->number > 1 << 20)
            return no_such("number");
        if (way->need.set < -1 || way->need.set >= self->word_sets.count)
            return no_such("set");
        if (way->need_end < from || way->need_end > needs.rows)
            return no_such("need");
        if (way->number >= self->numbers)
            self->numbers = way->number + 1;
    }
    for (int32_t at = 0, from = 0; at < groups.rows; from = self->groups[at++].way_end) {
        const GroupRow *group = &self->groups[at];
        if (group->anchor < 0 || group->anchor >= self->word_sets.count)
            return no_such("set");
        if (group->kind < 0 || group->kind >= self->kinds)
            return no_such("kind");
        if (group->way_end < from || group->way_end > ways.rows)
            return no_such("way");
    }
    self->called = zeroed((size_t)self->numbers * (size_t)self->kinds, sizeof(uint32_t));
    return self->called ? 0 : -1;
}

/* The words that are in most sets: three quarters of all that a text would have to tell the sets. */
static int choose_common(Calling *self, const int32_t *counts, int32_t words)
{
    int32_t *by_count = zeroed((size_t)self->word_sets.count + 1, sizeof(int32_t));
    self->common = zeroed((size_t)words, 1);
    if (!by_count || !self->common) {
        free(by_count);
        return -1;
    }
    for (int32_t word = 0; word < words; word++)
        by_count[counts[word]]++;
    int32_t least = self->word_sets.count, chosen = 0;
    while (least > 1 && chosen + by_count[least] <= COMMON)
        chosen += by_count[least--];
    free(by_count);
    chosen = 0;
    for (int32_t word = 0; word < words; word++)
        self->common[word] = counts[word] > least ? (int8_t)chosen++ : -1;
    return 0;
}

/* Which sets must be met besides, and which groups hang on a word. */
static int list_by_word(Calling *self, int32_t group_count, int32_t way_count, int32_t need_count)
{
    int status = -1;
    int32_t known = 0, *counts = NULL;
    Numbers *anchors = zeroed((size_t)group_count, sizeof(Numbers));
    Numbers *besides = zeroed((size_t)self->word_sets.count, sizeof(Numbers));
    if (!anchors || !besides)
        goto done;
    for (int32_t at = 0; at < group_count; at++)
        anchors[at] = words_of(&self->word_sets, self->groups[at].anchor);
    for (int32_t at = 0; at < way_count; at++)
        if (self->ways[at].need.set >= 0)
            besides[self->ways[at].need.set] = words_of(&self->word_sets, self->ways[at].need.set);
    for (int32_t at = 0; at < need_count; at++)
        besides[self->needs[at].set] = words_of(&self->word_sets, self->needs[at].set);
    self->place = malloc(((size_t)self->word_sets.most + 1) * sizeof(int32_t));
    if (!self->place) {
        PyErr_NoMemory();
        goto done;
    }
    memset(self->place, 0xff, ((size_t)self->word_sets.most + 1) * sizeof(int32_t));
    for (int32_t at = 0; self->word_sets.count && at < self->word_sets.ends[self->word_sets.count - 1]; at++)
        if (self->place[self->word_sets.words[at]] < 0)
            self->place[self->word_sets.words[at]] = known++;
    counts = count_words(self->place, known, besides, self->word_sets.count);
    if (!counts || choose_common(self, counts, known) < 0 ||
        listed(self->place, counts, known, besides, self->word_sets.count, self->common, self->sets, &self->sets_from,
               &self->sets_of) < 0)
        goto done;
    free(counts);
    counts = count_words(self->place, known, anchors, group_count);
    if (counts)
        status = listed(self->place, counts, known, anchors, group_count, NULL, NULL, &self->groups_from,
                        &self->groups_of);
done:
    free(counts);
    free(anchors);
    free(besides);
    return status;
}

/* Calling(set_ends, set_words, groups, ways, needs, kinds): see plan.Calls. */
static PyObject *Calling_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"set_ends", "set_words", "groups", "ways", "needs", "kinds", NULL};
    static const int widths[5] = {1, 1, 3, 5, 3};
    PyObject *told[5];
    Table tables[5];
    int kinds;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "SSSSSi", names, &told[0], &told[1], &told[2], &told[3], &told[4],
                                     &kinds))
        return NULL;
    int status = kinds < 1 || kinds > MANY_KINDS ? no_such("kind") : 0;
    for (int at = 0; at < 5 && status == 0; at++)
        status = read_table(told[at], widths[at], &tables[at]);
    Calling *self = status == 0 ? (Calling *)type->tp_alloc(type, 0) : NULL;
    if (self) {
        for (int at = 0; at < 5; at++)
            self->told[at] = Py_NewRef(told[at]);
        self->kinds = kinds;
        if (!(self->nothing = PyFrozenSet_New(NULL)) || read_sets(&self->word_sets, tables[0], tables[1]) < 0 ||
            read_ways(self, tables[2], tables[3], tables[4]) < 0 ||
            !(self->sets = zeroed((size_t)self->word_sets.count, sizeof(Set))) ||
            list_by_word(self, tables[2].rows, tables[3].rows, tables[4].rows) < 0)
            Py_CLEAR(self);
    }
    return (PyObject *)self;
}

static int has_one_between(const Words *words, int32_t place, int64_t first, int64_t last)
{
    const int32_t *starts = words->starts + words->first[place];
    int32_t count = words->first[place + 1] - words->first[place];
    int32_t at = first_from(starts, count, first);
    return at < count && starts[at] <= last;
}

/* Whether one of some words begins in a stretch of text: a few are looked for one by one, many hit by hit where the
 * stretch has few, else word by word. */
static int begins(const Words *words, const Numbers *set, int64_t first, int64_t last)
{
    if (set->count <= FEW_WORDS) {
        for (int32_t at = 0; at < set->count; at++) {
            int32_t place = place_of(words, set->items[at]);
            if (place >= 0 && has_one_between(words, place, first, last))
                return 1;
        }
        return 0;
    }
    int32_t from = first_row_from(words->hits, words->count, sizeof(Hit), first);
    int32_t most = from + words->number;
    for (int32_t at = from; at < words->count && words->hits[at].start <= last; at++) {
        if (at >= most) {
            for (int32_t place = 0; place < words->number; place++)
                if (holds(set->items, set->count, words->distinct[place]) && has_one_between(words, place, first, last))
                    return 1;
            return 0;
        }
        if (holds(set->items, set->count, words->hits[at].word))
            return 1;
    }
    for (int32_t place = words->number - 1; place >= 0 && words->distinct[place] >= words->literals->count; place--)
        if (holds(set->items, set->count, words->distinct[place]) && has_one_between(words, place, first, last))
            return 1;
    return 0;
}

/* Whether one of some places is in a stretch of a short text. */
static inline int is_between(const Places *places, int64_t first, int64_t last)
{
    if (first < 0)
        first = 0;
    if (last >= SHORT)
        last = SHORT - 1;
    if (last < first)
        return 0;
    for (int64_t at = first / 64; at <= last / 64; at++) {
        uint64_t wanted = ~(uint64_t)0;
        if (at == first / 64)
            wanted &= ~(uint64_t)0 << first % 64;
        if (at == last / 64)
            wanted &= ~(uint64_t)0 >> (63 - last % 64);
        if (places->bits[at] & wanted)
            return 1;
    }
    return 0;
}

static inline int32_t place_in(const Calling *self, int32_t word)
{
    return word < self->word_sets.most ? self->place[word] : -1;
}

static inline int is_seen(const Calling *self, const Set *set)
{
    return set->epoch == self->epoch || set->common & self->common_seen;
}

/* Whether one of the words that are needed begins where it may, counted from a place in the text. */
static int is_met(const Calling *self, const Need *need, int64_t from)
{
    const Set *set = &self->sets[need->set];
    int64_t first = from + need->first, last = from + need->last;
    if (!self->is_short) {
        Numbers words = words_of(&self->word_sets, need->set);
        return begins((const Words *)self->asked, &words, first, last);
    }
    if (set->epoch == self->epoch && is_between(&set->where, first, last))
        return 1;
    for (uint64_t common = set->common & self->common_seen; common; common &= common - 1)
        if (is_between(&self->common_where[lowest_bit(common)], first, last))
            return 1;
    return 0;
}

/* Whether what a way needs stands where it may, counted from a word that calls it. */
static int is_near(const Calling *self, int32_t number, const Words *words, int32_t place)
{
    const WayRow *way = &self->ways[number];
    if (way->need.set < 0)
        return 1;
    if (!is_seen(self, &self->sets[way->need.set]))
        return 0;
    const Need *rest = self->needs + (number ? way[-1].need_end : 0), *end = self->needs + way->need_end;
    for (const Need *need = rest; need < end; need++)
        if (!is_seen(self, &self->sets[need->set]))
            return 0;
    int32_t from = words->first[place], to = words->first[place + 1];
    if (to - from > MANY_PLACES)
        return 1;
    for (int32_t at = from; at < to; at++) {
        int64_t start = words->starts[at];
        if (!is_met(self, &way->need, start))
            continue;
        const Need *need = rest;
        while (need < end && is_met(self, need, start))
            need++;
        if (need == end)
            return 1;
    }
    return 0;
}

/* Tells the sets which of their words a text has, and where. */
static void tell_sets(Calling *self, const Words *words)
{
    if (++self->epoch == 0) {
        for (int32_t set = 0; set < self->word_sets.count; set++)
            self->sets[set].epoch = 0;
        self->epoch = 1;
    }
    int32_t last = words->count ? words->hits[words->count - 1].start : 0;
    for (int32_t at = words->first[words->number] - 1; at >= words->count; at--)
        last = words->starts[at] > last ? words->starts[at] : last;
    self->is_short = last < SHORT;
    self->common_seen = 0;
    for (int32_t at = 0; at < words->number; at++) {
        int32_t place = place_in(self, words->distinct[at]);
        Places starts = {{0}};
        if (place < 0)
            continue;
        for (int32_t start = words->first[at]; self->is_short && start < words->first[at + 1]; start++)
            starts.bits[words->starts[start] / 64] |= (uint64_t)1 << words->starts[start] % 64;
        if (self->common[place] >= 0) {
            self->common_seen |= (uint64_t)1 << self->common[place];
            self->common_where[self->common[place]] = starts;
            continue;
        }
        for (int32_t of = self->sets_from[place]; of < self->sets_from[place + 1]; of++) {
            Set *set = &self->sets[self->sets_of[of]];
            if (set->epoch != self->epoch) {
                set->epoch = self->epoch;
                set->where = starts;
            } else
                for (int row = 0; row < SHORT / 64; row++)
                    set->where.bits[row] |= starts.bits[row];
        }
    }
}

/* Which kinds are asked for, a bit each; none where the arguments are no such numbers. */
static uint64_t read_wanted(const Calling *self, PyObject *const *kinds, Py_ssize_t count)
{
    uint64_t wanted = 0;
    for (Py_ssize_t at = 0; at < count; at++) {
        long kind = PyLong_AsLong(kinds[at]);
        if (kind < 0 || kind >= self->kinds) {
            if (!PyErr_Occurred())
                no_such("kind");
            return 0;
        }
        wanted |= (uint64_t)1 << kind;
    }
    return wanted;
}

/* Adds a number to the set of what is called, which is made when there is something to add. */
static int add_called(PyObject **numbers, int32_t called)
{
    PyObject *number = PyLong_FromLong(called);
    if (!*numbers)
        *numbers = PyFrozenSet_New(NULL);
    int status = number && *numbers ? PySet_Add(*numbers, number) : -1;
    Py_XDECREF(number);
    return status;
}

/* Puts what is called of each wanted kind into a set. */
static int call(Calling *self, uint64_t wanted, PyObject **made)
{
    const Words *words = (const Words *)self->asked;
    if (++self->asking == 0) {
        memset(self->called, 0, (size_t)self->numbers * (size_t)self->kinds * sizeof(uint32_t));
        self->asking = 1;
    }
    for (int32_t at = 0; at < words->number; at++) {
        int32_t place = place_in(self, words->distinct[at]);
        if (place < 0)
            continue;
        for (int32_t of = self->groups_from[place]; of < self->groups_from[place + 1]; of++) {
            int32_t number = self->groups_of[of];
            const GroupRow *group = &self->groups[number];
            if (!(wanted >> group->kind & 1))
                continue;
            for (int32_t way = number ? group[-1].way_end : 0; way < group->way_end; way++) {
                if (!is_near(self, way, words, at))
                    continue;
                uint32_t *called = &self->called[group->kind * self->numbers + self->ways[way].number];
                if (*called == self->asking)
                    continue;
                *called = self->asking;
                if (add_called(&made[group->kind], self->ways[way].number) < 0)
                    return -1;
            }
        }
    }
    return 0;
}

/* made_by(words, *kinds) */
static PyObject *Calling_made_by(Calling *self, PyTypeObject *defining, PyObject *const *args, Py_ssize_t count,
                                 PyObject *Py_UNUSED(names))
{
    State *state = PyType_GetModuleState(defining);
    if (count < 2 || Py_TYPE(args[0]) != state->words) {
        PyErr_SetString(PyExc_TypeError, "made_by(words, *kinds)");
        return NULL;
    }
    uint64_t wanted = read_wanted(self, args + 1, count - 1);
    if (!wanted)
        return NULL;
    if (self->asked != args[0]) {
        Py_XSETREF(self->asked, Py_NewRef(args[0]));
        tell_sets(self, (const Words *)args[0]);
    }
    PyObject *numbers[MANY_KINDS] = {NULL};
    PyObject *made = call(self, wanted, numbers) == 0 ? PyTuple_New(count - 1) : NULL;
    for (Py_ssize_t at = 0; made && at < count - 1; at++) {
        PyObject *called = numbers[PyLong_AsLong(args[at + 1])];
        PyTuple_SET_ITEM(made, at, Py_NewRef(called ? called : self->nothing));
    }
    for (int32_t kind = 0; kind < self->kinds; kind++)
        Py_XDECREF(numbers[kind]);
    return made;
}

/* ---------------------------------------------------------------- Nodes */

enum { WORDS, FOUND, ANY, CHAIN, MEET };

#define KIND 7
#define OPENS 8
#define CLOSES 16
#define ACROSS 1
#define OPTIONAL 2
#define MARKED 4

/* Rows of the tables, see nodes.NodeTable. */
typedef struct { int32_t what, benign, link_end, need_end; } NodeRow;
typedef struct { int32_t node, reach, how, beside; } Link;
typedef struct { int32_t before, behind; } Beside;

typedef struct {
    int kind, opens, closes;
    int32_t benign;
    const Link *links;
    int32_t link_count;
    const int32_t *needs;    /* sets of words; what words stand for is their only need */
    int32_t need_count;
} Node;

/* The alternatives of a node by the words that each hangs on, made when it is first looked for. */
typedef struct { int32_t word, alternative; } Call;

typedef struct {
    Call *calls;             /* in order of the words */
    int32_t call_count;
    int32_t *free;           /* the alternatives that need no word */
    int32_t free_count;
} Options;

#define LONGEST_EDGE 4
typedef struct { Py_UCS4 characters[LONGEST_EDGE]; } Edge;
typedef struct { Edge *items; size_t count; } Edges;

typedef struct {
    PyObject_HEAD
    PyObject *told[6];   /* the tables as the plan has them, which the rows below stay in */
    WordSets sets;
    const NodeRow *nodes;
    const Link *links;
    const Beside *besides;
    const int32_t *needs;
    int32_t count;
    Options **options;   /* per node, of ANY */
    PyObject *find;      /* (number, text, entities) -> extents of an entity or number */
    PyObject *span;      /* passage.Span */
    uint8_t *latin;      /* per literal: whether it must not cut a Latin word or a number */
    int32_t literals;
    Edges fillers, particles;
} Nodes;

static void options_free(Options *options)
{
    if (!options)
        return;
    free(options->calls);
    free(options->free);
    free(options);
}

static int Nodes_traverse(Nodes *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->find);
    Py_VISIT(self->span);
    return 0;
}

static int Nodes_clear(Nodes *self)
{
    Py_CLEAR(self->find);
    Py_CLEAR(self->span);
    return 0;
}

static void Nodes_dealloc(Nodes *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Nodes_clear(self);
    for (int at = 0; at < 6; at++)
        Py_XDECREF(self->told[at]);
    for (int32_t at = 0; self->options && at < self->count; at++)
        options_free(self->options[at]);
    free(self->options);
    free(self->latin);
    free(self->fillers.items);
    free(self->particles.items);
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

static int by_characters(const void *one, const void *other) { return memcmp(one, other, sizeof(Edge)); }

/* Longer ones than `LONGEST_EDGE` are never looked for. */
static int read_edges(PyObject *source, Edges *into)
{
    PyObject *fast = PySequence_Fast(source, "words wanted");
    if (!fast)
        return -1;
    Py_ssize_t count = PySequence_Fast_GET_SIZE(fast);
    into->items = zeroed((size_t)count, sizeof(Edge));
    for (Py_ssize_t at = 0; into->items && at < count; at++) {
        PyObject *word = PySequence_Fast_GET_ITEM(fast, at);
        if (!is_text(word)) {
            Py_DECREF(fast);
            return -1;
        }
        Py_ssize_t length = PyUnicode_GET_LENGTH(word);
        if (length < 1 || length > LONGEST_EDGE)
            continue;
        for (Py_ssize_t character = 0; character < length; character++)
            into->items[into->count].characters[character] = PyUnicode_READ_CHAR(word, character);
        into->count++;
    }
    Py_DECREF(fast);
    if (!into->items)
        return -1;
    qsort(into->items, into->count, sizeof(Edge), by_characters);
    return 0;
}

/* The parts of a node, which must be one of the first so many. */
static Node node_at(const Nodes *self, int32_t number)
{
    const NodeRow *row = &self->nodes[number];
    int32_t link = number ? row[-1].link_end : 0, need = number ? row[-1].need_end : 0;
    return (Node){row->what & KIND, row->what & OPENS, row->what & CLOSES, row->benign, self->links + link,
                  row->link_end - link, self->needs + need, row->need_end - need};
}

static inline Numbers words_of_node(const Nodes *self, const Node *node)
{
    return words_of(&self->sets, node->needs[0]);
}

/* A node refers to such as stand before it, or looking for one might never end. */
static int read_links(const Nodes *self, int32_t number, int32_t besides)
{
    const Node node = node_at(self, number);
    for (int32_t at = 0; at < node.link_count; at++) {
        const Link *link = &node.links[at];
        if (link->node < 0 || link->node >= number || link->beside < -1 || link->beside >= besides)
            return no_such("node");
        const Beside *beside = link->beside < 0 ? NULL : &self->besides[link->beside];
        if (beside && (beside->before < -1 || beside->before >= number || beside->behind < -1 || beside->behind >= number))
            return no_such("node");
    }
    return node.benign < -1 || node.benign >= number ? no_such("node") : 0;
}

static int read_nodes(Nodes *self, const Table *tables)
{
    if (read_sets(&self->sets, tables[0], tables[1]) < 0)
        return -1;
    self->nodes = (const NodeRow *)(const void *)tables[2].items;
    self->count = tables[2].rows;
    self->links = (const Link *)(const void *)tables[3].items;
    self->besides = (const Beside *)(const void *)tables[4].items;
    self->needs = tables[5].items;
    for (int32_t at = 0; at < tables[5].rows; at++)
        if (self->needs[at] < 0 || self->needs[at] >= self->sets.count)
            return no_such("set");
    int32_t link = 0, need = 0;
    for (int32_t number = 0; number < self->count; number++) {
        const NodeRow *row = &self->nodes[number];
        if (row->link_end < link || row->link_end > tables[3].rows || row->need_end < need ||
            row->need_end > tables[5].rows)
            return no_such("part");
        const Node node = node_at(self, number);
        if (row->what < 0 || row->what >= 2 * CLOSES || node.kind > MEET || (node.kind == MEET && node.link_count != 2) ||
            (node.kind == WORDS && node.need_count != 1))
            return no_such("kind of node");
        if (read_links(self, number, tables[4].rows) < 0)
            return -1;
        link = row->link_end;
        need = row->need_end;
    }
    self->options = zeroed((size_t)self->count, sizeof(Options *));
    return self->options ? 0 : -1;
}

/* Nodes(set_ends, set_words, nodes, links, besides, needs, find, span, latin, fillers, particles): see nodes.NodeTable. */
static PyObject *Nodes_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"set_ends", "set_words", "nodes",    "links",     "besides", "needs",
                            "find",     "span",      "latin",    "fillers",   "particles", NULL};
    static const int widths[6] = {1, 1, 4, 4, 2, 1};
    PyObject *told[6], *find, *span, *latin, *fillers, *particles;
    Table tables[6];
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "SSSSSSOO!SOO", names, &told[0], &told[1], &told[2], &told[3], &told[4],
                                     &told[5], &find, &PyType_Type, &span, &latin, &fillers, &particles))
        return NULL;
    if (!PyType_IsSubtype((PyTypeObject *)span, &PyTuple_Type)) {
        PyErr_SetString(PyExc_TypeError, "a kind of tuple wanted");
        return NULL;
    }
    for (int at = 0; at < 6; at++)
        if (read_table(told[at], widths[at], &tables[at]) < 0)
            return NULL;
    Nodes *self = (Nodes *)type->tp_alloc(type, 0);
    if (!self)
        return NULL;
    for (int at = 0; at < 6; at++)
        self->told[at] = Py_NewRef(told[at]);
    self->find = Py_NewRef(find);
    self->span = Py_NewRef(span);
    self->literals = (int32_t)PyBytes_GET_SIZE(latin);
    self->latin = zeroed((size_t)self->literals, 1);
    if (!self->latin || read_nodes(self, tables) < 0 || read_edges(fillers, &self->fillers) < 0 ||
        read_edges(particles, &self->particles) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    memcpy(self->latin, PyBytes_AS_STRING(latin), (size_t)self->literals);
    return (PyObject *)self;
}

static int is_node(const Nodes *self, int32_t number)
{
    if (number >= 0 && number < self->count)
        return 1;
    PyErr_SetString(PyExc_IndexError, "no such node");
    return 0;
}

/* The least of what a node needs. */
static Numbers anchor_of(const Nodes *self, int32_t number)
{
    const Node node = node_at(self, number);
    Numbers least = {NULL, 0};
    for (int32_t at = 0; at < node.need_count; at++) {
        Numbers words = words_of(&self->sets, node.needs[at]);
        if (!least.items || words.count < least.count)
            least = words;
    }
    return least;
}

static int by_word(const void *one, const void *other)
{
    const Call *a = one, *b = other;
    return (a->word > b->word) - (a->word < b->word);
}

static const Options *options_of(Nodes *self, int32_t number)
{
    if (self->options[number])
        return self->options[number];
    const Node node = node_at(self, number);
    size_t calls = 0;
    for (int32_t at = 0; at < node.link_count; at++)
        calls += (size_t)anchor_of(self, node.links[at].node).count;
    Options *options = zeroed(1, sizeof(Options));
    if (!options || !(options->calls = zeroed(calls, sizeof(Call))) ||
        !(options->free = zeroed((size_t)node.link_count, sizeof(int32_t)))) {
        options_free(options);
        return NULL;
    }
    for (int32_t at = 0; at < node.link_count; at++) {
        Numbers words = anchor_of(self, node.links[at].node);
        for (int32_t word = 0; word < words.count; word++)
            options->calls[options->call_count++] = (Call){words.items[word], at};
        if (!words.count)
            options->free[options->free_count++] = at;
    }
    qsort(options->calls, (size_t)options->call_count, sizeof(Call), by_word);
    return self->options[number] = options;
}

/* ---------------------------------------------------------------- Passage */

typedef struct { int32_t low, high; } Extent;
typedef struct { int32_t start, end; int32_t mark_start, mark_end; int32_t gaps, order; const Extent *gap; } Span;
typedef struct { Span *items; int32_t count; PyObject *list; } Spans;
typedef struct Block { struct Block *next; size_t used, room; } Block;

typedef struct {
    PyObject_HEAD
    Nodes *nodes;
    Words *words;
    PyObject *text, *entities, *memo;
    int kind;
    const void *data;
    int32_t length;
    Block *blocks;       /* everything that lives as long as the passage */
    int32_t *known_of;   /* open addressing: number of a node + 1 */
    Spans **known;
    uint32_t known_mask, known_count;
    int32_t *breaks;
    int32_t break_count;
} Passage;

#define PARTNERS 3
#define TOUCHING -1
#define EDGE_REACH 24

static const Spans NOWHERE = {NULL, 0, NULL};

static void *kept(Passage *self, size_t size)
{
    size = (size + 15) & ~(size_t)15;
    Block *block = self->blocks;
    if (!block || block->room - block->used < size) {
        size_t room = block ? 16384 : 2048;
        if (room < size)
            room = size;
        block = malloc(sizeof(Block) + 16 + room);
        if (!block) {
            PyErr_NoMemory();
            return NULL;
        }
        *block = (Block){self->blocks, 0, room};
        self->blocks = block;
    }
    char *start = (char *)(((uintptr_t)(block + 1) + 15) & ~(uintptr_t)15);
    void *memory = start + block->used;
    block->used += size;
    return memory;
}

static int Passage_traverse(Passage *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->nodes);
    Py_VISIT(self->entities);
    Py_VISIT(self->memo);
    for (uint32_t at = 0; self->known && at <= self->known_mask; at++)
        if (self->known_of[at])
            Py_VISIT(self->known[at]->list);
    return 0;
}

static int Passage_clear(Passage *self)
{
    Py_CLEAR(self->entities);
    Py_CLEAR(self->memo);
    for (uint32_t at = 0; self->known && at <= self->known_mask; at++)
        if (self->known_of[at])
            Py_CLEAR(self->known[at]->list);
    return 0;
}

static void Passage_dealloc(Passage *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Passage_clear(self);
    Py_XDECREF(self->nodes);
    Py_XDECREF(self->words);
    Py_XDECREF(self->text);
    free(self->known_of);
    free(self->known);
    for (Block *block = self->blocks; block;) {
        Block *next = block->next;
        free(block);
        block = next;
    }
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

static PyObject *Passage_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"nodes", "text", "words", "entities", NULL};
    State *state = PyType_GetModuleState(type);
    PyObject *nodes, *text, *words, *entities;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!UO!O", names, state->nodes, &nodes, &text, state->words, &words,
                                     &entities))
        return NULL;
    if (!is_text(text))
        return NULL;
    if (((Nodes *)nodes)->literals != ((Words *)words)->literals->count ||
        PyUnicode_GET_LENGTH(text) > INT32_MAX / 2) {
        PyErr_SetString(PyExc_ValueError, "the words and the nodes belong together");
        return NULL;
    }
    Passage *self = (Passage *)type->tp_alloc(type, 0);
    if (!self)
        return NULL;
    self->nodes = (Nodes *)Py_NewRef(nodes);
    self->words = (Words *)Py_NewRef(words);
    self->text = Py_NewRef(text);
    self->entities = Py_NewRef(entities);
    self->kind = PyUnicode_KIND(text);
    self->data = PyUnicode_DATA(text);
    self->length = (int32_t)PyUnicode_GET_LENGTH(text);
    self->memo = PyDict_New();
    if (self->words->count && self->words->hits[self->words->count - 1].start >= self->length) {
        PyErr_SetString(PyExc_ValueError, "the words are another text's");
        Py_CLEAR(self);
    }
    if (self && !self->memo)
        Py_CLEAR(self);
    return (PyObject *)self;
}

static inline Py_UCS4 character(const Passage *self, int32_t at) { return PyUnicode_READ(self->kind, self->data, at); }

static inline int is_break(Py_UCS4 sign)
{
    return sign == ',' || sign == '!' || sign == '?' || sign == ';' || sign == '\n';
}

static int find_breaks(Passage *self)
{
    if (self->breaks)
        return 0;
    int32_t count = 0;
    for (int32_t at = 0; at < self->length; at++)
        count += is_break(character(self, at));
    int32_t *breaks = kept(self, ((size_t)count + 1) * sizeof(int32_t));
    if (!breaks)
        return -1;
    count = 0;
    for (int32_t at = 0; at < self->length; at++)
        if (is_break(character(self, at)))
            breaks[count++] = at;
    self->breaks = breaks;
    self->break_count = count;
    return 0;
}

/* Asked only of passages whose breaks are found. */
static int breaks_between(const Passage *self, int64_t start, int64_t end)
{
    int32_t at = first_from(self->breaks, self->break_count, start);
    return at < self->break_count && self->breaks[at] < end;
}

static Extent clause_of(const Passage *self, int64_t start, int64_t end)
{
    int32_t before = first_from(self->breaks, self->break_count, start);
    int32_t behind = first_from(self->breaks, self->break_count, end);
    return (Extent){before ? self->breaks[before - 1] + 1 : 0,
                    behind < self->break_count ? self->breaks[behind] : self->length};
}

/* -- edges of clauses */

static int is_edge(const Passage *self, const Edges *edges, int32_t start, int32_t end)
{
    Edge wanted = {{0}};
    for (int32_t at = start; at < end; at++)
        wanted.characters[at - start] = character(self, at);
    return bsearch(&wanted, edges->items, edges->count, sizeof(Edge), by_characters) != NULL;
}

/* Whether nothing is left of a stretch of text once signs and some words are peeled off its end. */
static int is_peeled(const Passage *self, int32_t start, int32_t end, const Edges *edges)
{
    while (end > start) {
        if (!Py_UNICODE_ISALNUM(character(self, end - 1))) {
            end--;
            continue;
        }
        int32_t longest = end - start < LONGEST_EDGE ? end - start : LONGEST_EDGE, length = longest;
        while (length && !is_edge(self, edges, end - length, end))
            length--;
        if (!length)
            return 0;
        end -= length;
    }
    return 1;
}

static int opens_clause(const Passage *self, int32_t at)
{
    int32_t start = clause_of(self, at, at).low;
    if (start < at - EDGE_REACH)
        start = at - EDGE_REACH;
    for (int32_t blank = at - 1; blank >= start; blank--)
        if (character(self, blank) == ' ' || character(self, blank) == '~') {
            start = blank + 1;
            break;
        }
    return is_peeled(self, start, at, &self->nodes->fillers);
}

static int closes_clause(const Passage *self, int32_t at)
{
    int32_t last = self->length - at > EDGE_REACH ? at + EDGE_REACH : self->length;
    for (int32_t end = at; end < last; end++) {
        Py_UCS4 sign = character(self, end);
        if (is_break(sign) || sign == ' ' || sign == '~')
            return is_peeled(self, at, end, &self->nodes->particles);
    }
    return last == self->length && is_peeled(self, at, last, &self->nodes->particles);
}

/* -- lists of spans while they grow */

typedef struct { Span *items; size_t count, room; } Growing;

static int add(Growing *spans, Span span)
{
    Span *items = grown(spans->items, &spans->room, spans->count + 1, sizeof(Span));
    if (!items)
        return -1;
    spans->items = items;
    items[spans->count++] = span;
    return 0;
}

static int add_all(Growing *spans, const Span *items, int32_t count)
{
    for (int32_t at = 0; at < count; at++)
        if (add(spans, items[at]) < 0)
            return -1;
    return 0;
}

static int by_place(const void *one, const void *other)
{
    const Span *a = one, *b = other;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    if (a->end != b->end)
        return a->end < b->end ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

/* In order of their places, the first of those at the same place only. */
static void put_in_order(Growing *spans)
{
    if (spans->count < 2)
        return;
    int ordered = 1;
    for (size_t at = 0; at < spans->count; at++) {
        spans->items[at].order = (int32_t)at;
        if (at) {
            const Span *before = &spans->items[at - 1], *here = &spans->items[at];
            ordered &= before->start < here->start || (before->start == here->start && before->end < here->end);
        }
    }
    if (ordered)
        return;
    qsort(spans->items, spans->count, sizeof(Span), by_place);
    size_t left = 1;
    for (size_t at = 1; at < spans->count; at++) {
        const Span *last = &spans->items[left - 1];
        if (spans->items[at].start != last->start || spans->items[at].end != last->end)
            spans->items[left++] = spans->items[at];
    }
    spans->count = left;
}

/* -- where nodes hold */

static Spans *spans_of(Passage *self, int32_t number);

static int may_hold(const Passage *self, const Node *node)
{
    const Words *words = self->words;
    for (int32_t at = 0; at < node->need_count; at++) {
        const Numbers need = words_of(&self->nodes->sets, node->needs[at]);
        int met = 0;
        if (are_few(need.count, words))
            for (int32_t word = 0; word < need.count && !met; word++)
                met = place_of(words, need.items[word]) >= 0;
        else
            for (int32_t place = 0; place < words->number && !met; place++)
                met = holds(need.items, need.count, words->distinct[place]);
        if (!met)
            return 0;
    }
    return 1;
}

static inline int same_kind(Py_UCS4 one, Py_UCS4 other)
{
    return (Py_UNICODE_ISDIGIT(one) && Py_UNICODE_ISDIGIT(other)) ||
           (one >= 'a' && one <= 'z' && other >= 'a' && other <= 'z');
}

/* vx in vxyz, 1 in 1380 */
static int cuts(const Passage *self, int32_t start, int32_t end)
{
    Py_UCS4 first = character(self, start), last = character(self, end - 1);
    if (first < '{' && start && same_kind(character(self, start - 1), first))
        return 1;
    return last < '{' && end < self->length && same_kind(last, character(self, end));
}

static int add_word(const Passage *self, Growing *spans, int32_t place)
{
    const Words *words = self->words;
    int32_t word = words->distinct[place];
    if (word >= words->literals->count)
        return 0;
    int32_t length = words->literals->lengths[word];
    for (int32_t at = words->first[place]; at < words->first[place + 1]; at++) {
        int32_t start = words->starts[at];
        if (start > self->length - length || (self->nodes->latin[word] && cuts(self, start, start + length)))
            continue;
        if (add(spans, (Span){start, start + length, -1, -1, 0, 0, NULL}) < 0)
            return -1;
    }
    return 0;
}

/* Every place of the words of a node, in no order. */
static int add_words(const Passage *self, Growing *spans, const Node *node)
{
    const Words *words = self->words;
    const Numbers wanted = words_of_node(self->nodes, node);
    if (are_few(wanted.count, words)) {
        for (int32_t at = 0; at < wanted.count; at++) {
            int32_t place = place_of(words, wanted.items[at]);
            if (place >= 0 && add_word(self, spans, place) < 0)
                return -1;
        }
        return 0;
    }
    for (int32_t place = 0; place < words->number; place++)
        if (holds(wanted.items, wanted.count, words->distinct[place]) && add_word(self, spans, place) < 0)
            return -1;
    return 0;
}

/* Less for what begins earlier, and of what begins at the same place for what is longer. */
static inline uint64_t outermost(const Span *span)
{
    return (uint64_t)span->start << 32 | (uint32_t)(INT32_MAX - span->end);
}

/* In order of their starts, of those that begin together the longest first. Words have neither marks nor gaps, so that a
 * number each says all of them. */
static int put_outermost_first(Growing *spans)
{
    int ordered = 1;
    for (size_t at = 1; at < spans->count && ordered; at++)
        ordered = outermost(&spans->items[at - 1]) <= outermost(&spans->items[at]);
    if (ordered)
        return 0;
    uint64_t *places = zeroed(spans->count, sizeof(uint64_t));
    if (!places)
        return -1;
    for (size_t at = 0; at < spans->count; at++)
        places[at] = outermost(&spans->items[at]);
    qsort(places, spans->count, sizeof(uint64_t), by_size);
    for (size_t at = 0; at < spans->count; at++) {
        spans->items[at].start = (int32_t)(places[at] >> 32);
        spans->items[at].end = INT32_MAX - (int32_t)(uint32_t)places[at];
    }
    free(places);
    return 0;
}

static int find_words(const Passage *self, const Node *node, Growing *spans)
{
    if (add_words(self, spans, node) < 0 || put_outermost_first(spans) < 0)
        return -1;
    size_t left = 0;
    int32_t last = -1;
    for (size_t at = 0; at < spans->count; at++)
        if (spans->items[at].end > last) {
            last = spans->items[at].end;
            spans->items[left++] = spans->items[at];
        }
    spans->count = left;
    return 0;
}

static int find_any(Passage *self, int32_t number, const Node *node, Growing *spans)
{
    const Words *words = self->words;
    const Options *options = options_of(self->nodes, number);
    if (!options)
        return -1;
    uint8_t few[64];
    uint8_t *wanted = (size_t)node->link_count <= sizeof few ? few : malloc((size_t)node->link_count);
    if (!wanted) {
        PyErr_NoMemory();
        return -1;
    }
    memset(wanted, 0, (size_t)node->link_count);
    for (int32_t at = 0; at < options->free_count; at++)
        wanted[options->free[at]] = 1;
    if (are_few(options->call_count, words)) {
        for (int32_t at = 0; at < options->call_count; at++)
            if (place_of(words, options->calls[at].word) >= 0)
                wanted[options->calls[at].alternative] = 1;
    } else
        for (int32_t place = 0; place < words->number; place++) {
            int32_t word = words->distinct[place];
            for (int32_t at = first_row_from(options->calls, options->call_count, sizeof(Call), word);
                 at < options->call_count && options->calls[at].word == word; at++)
                wanted[options->calls[at].alternative] = 1;
        }
    int status = 0, found = 0;
    for (int32_t at = 0; at < node->link_count && status == 0; at++) {
        if (!wanted[at])
            continue;
        const Spans *option = spans_of(self, node->links[at].node);
        if (!option || add_all(spans, option->items, option->count) < 0)
            status = -1;
        else
            found += option->count > 0;
    }
    if (wanted != few)
        free(wanted);
    if (status == 0 && found > 1)
        put_in_order(spans);
    return status;
}

/* Whether a node holds at an edge of a part; of words also those inside longer ones count. */
static int stands(Passage *self, int32_t number, Growing *found)
{
    const Node node = node_at(self->nodes, number);
    if (node.kind == WORDS)
        return add_words(self, found, &node);
    const Spans *spans = spans_of(self, number);
    return spans ? add_all(found, spans->items, spans->count) : -1;
}

static int by_start(const void *one, const void *other)
{
    const Span *a = one, *b = other;
    return (a->start > b->start) - (a->start < b->start);
}

static int by_end(const void *one, const void *other)
{
    const Span *a = one, *b = other;
    return (a->end > b->end) - (a->end < b->end);
}

/* Where a link's node holds, conditions on what stands beside it included. */
static int add_parts(Passage *self, const Link *link, Growing *parts)
{
    const Spans *spans = spans_of(self, link->node);
    if (!spans || add_all(parts, spans->items, spans->count) < 0)
        return -1;
    for (int behind = 0; link->beside >= 0 && behind < 2; behind++) {
        const Beside *nodes = &self->nodes->besides[link->beside];
        int32_t number = behind ? nodes->behind : nodes->before;
        if (number < 0 || !parts->count)
            continue;
        Growing beside = {0};
        if (stands(self, number, &beside) < 0) {
            free(beside.items);
            return -1;
        }
        if (beside.count) {
            qsort(beside.items, beside.count, sizeof(Span), behind ? by_start : by_end);
            size_t left = 0;
            for (size_t at = 0; at < parts->count; at++) {
                Span key = {parts->items[at].end, parts->items[at].start, 0, 0, 0, 0, NULL};
                if (!bsearch(&key, beside.items, beside.count, sizeof(Span), behind ? by_start : by_end))
                    parts->items[left++] = parts->items[at];
            }
            parts->count = left;
        }
        free(beside.items);
    }
    return 0;
}

static int joins(const Passage *self, int32_t end, int32_t start, const Link *link)
{
    if (start == end)
        return 1;
    if (link->reach == TOUCHING)
        for (int32_t at = end; at < start; at++)
            if (Py_UNICODE_ISALNUM(character(self, at)))
                return 0;
    return link->how & ACROSS || !breaks_between(self, end, start);
}

static int both(Passage *self, const Span *left, const Span *right, int marked, Span *made)
{
    int32_t gap = right->start > left->end, gaps = left->gaps + gap + right->gaps;
    Extent *kept_gaps = NULL;
    if (gaps) {
        kept_gaps = kept(self, (size_t)gaps * sizeof(Extent));
        if (!kept_gaps)
            return -1;
        if (left->gaps)
            memcpy(kept_gaps, left->gap, (size_t)left->gaps * sizeof(Extent));
        if (gap)
            kept_gaps[left->gaps] = (Extent){left->end, right->start};
        if (right->gaps)
            memcpy(kept_gaps + left->gaps + gap, right->gap, (size_t)right->gaps * sizeof(Extent));
    }
    const Span *mark = left->mark_start >= 0 ? left : right;
    *made = (Span){left->start, right->end, mark->mark_start, mark->mark_end, gaps, 0, kept_gaps};
    if (marked) {
        made->mark_start = right->start;
        made->mark_end = right->end;
    }
    return 0;
}

/* Spans and hits begin with where they start. */
static size_t first_span_from(const Growing *spans, int64_t start)
{
    return (size_t)first_row_from(spans->items, (int32_t)spans->count, sizeof(Span), start);
}

/* Every left part with the nearest right ones within reach. */
static int add_joined(Passage *self, const Growing *lefts, const Growing *rights, const Link *link, int marked,
                      Growing *found)
{
    int32_t reach = link->reach == TOUCHING ? 2 : link->reach;
    for (size_t from = 0; from < lefts->count; from++) {
        const Span *left = &lefts->items[from];
        int partners = 0;
        for (size_t at = first_span_from(rights, left->end); at < rights->count; at++) {
            const Span *right = &rights->items[at];
            if (right->start - left->end > reach || partners >= PARTNERS)
                break;
            if (joins(self, left->end, right->start, link)) {
                Span made;
                partners++;
                if (both(self, left, right, marked, &made) < 0 || add(found, made) < 0)
                    return -1;
            }
        }
    }
    return 0;
}

static int find_chain(Passage *self, const Node *node, Growing *spans)
{
    for (int32_t number = 0; number < node->link_count; number++) {
        const Link *link = &node->links[number];
        if (number == 0) {
            if (add_parts(self, link, spans) < 0)
                return -1;
            if (link->how & MARKED)
                for (size_t at = 0; at < spans->count; at++) {
                    spans->items[at].mark_start = spans->items[at].start;
                    spans->items[at].mark_end = spans->items[at].end;
                }
            if (node->opens) {
                size_t left = 0;
                for (size_t at = 0; at < spans->count; at++)
                    if (opens_clause(self, spans->items[at].start))
                        spans->items[left++] = spans->items[at];
                spans->count = left;
            }
        } else {
            Growing parts = {0}, joined = {0};
            int status = add_parts(self, link, &parts);
            if (status == 0)
                status = add_joined(self, spans, &parts, link, link->how & MARKED, &joined);
            if (status == 0 && link->how & OPTIONAL)
                status = add_all(&joined, spans->items, (int32_t)spans->count);
            free(parts.items);
            free(spans->items);
            *spans = joined;
            if (status < 0)
                return -1;
            put_in_order(spans);
        }
        if (!spans->count)
            return 0;
    }
    if (node->closes) {
        size_t left = 0;
        for (size_t at = 0; at < spans->count; at++)
            if (closes_clause(self, spans->items[at].end))
                spans->items[left++] = spans->items[at];
        spans->count = left;
    }
    return 0;
}

/* The second part in a gap of the first: 开 [发票] 不了 */
static int add_inside(Passage *self, const Growing *lefts, const Growing *rights, Growing *found)
{
    for (size_t from = 0; from < lefts->count; from++) {
        const Span *left = &lefts->items[from];
        if (!left->gaps)
            continue;
        size_t first = first_span_from(rights, left->start);
        for (size_t at = first; at < rights->count && at < first + PARTNERS; at++) {
            const Span *right = &rights->items[at];
            int inside = 0;
            for (int32_t gap = 0; gap < left->gaps; gap++)
                inside |= left->gap[gap].low <= right->start && right->end <= left->gap[gap].high;
            if (!inside)
                continue;
            Extent *gaps = kept(self, 2 * (size_t)left->gaps * sizeof(Extent));
            if (!gaps)
                return -1;
            int32_t count = 0;
            for (int32_t gap = 0; gap < left->gaps; gap++) {
                Extent whole = left->gap[gap];
                if (whole.low <= right->start && right->end <= whole.high) {
                    if (whole.low < right->start)
                        gaps[count++] = (Extent){whole.low, right->start};
                    if (right->end < whole.high)
                        gaps[count++] = (Extent){right->end, whole.high};
                } else
                    gaps[count++] = whole;
            }
            Span made = *left;
            made.gap = gaps;
            made.gaps = count;
            if (add(found, made) < 0)
                return -1;
        }
    }
    return 0;
}

static int find_meeting(Passage *self, const Node *node, Growing *spans)
{
    const Link *one = &node->links[0], *other = &node->links[1];
    Growing lefts = {0}, rights = {0};
    int status = add_parts(self, one, &lefts);
    if (status == 0)
        status = add_parts(self, other, &rights);
    if (status == 0 && lefts.count && rights.count) {
        status = add_joined(self, &lefts, &rights, other, other->how & MARKED, spans);
        if (status == 0)
            status = add_joined(self, &rights, &lefts, other, one->how & MARKED, spans);
        if (status == 0)
            status = add_inside(self, &lefts, &rights, spans);
        if (status == 0)
            put_in_order(spans);
    }
    free(lefts.items);
    free(rights.items);
    return status;
}

/* Entities and numbers are found in Python. */
static int find_elsewhere(Passage *self, int32_t number, Growing *spans)
{
    PyObject *told = PyObject_CallFunction(self->nodes->find, "iOO", number, self->text, self->entities);
    PyObject *fast = told ? PySequence_Fast(told, "extents wanted") : NULL;
    int status = fast ? 0 : -1;
    for (Py_ssize_t at = 0; status == 0 && at < PySequence_Fast_GET_SIZE(fast); at++) {
        int start, end;
        PyObject *extent = PySequence_Fast_GET_ITEM(fast, at);
        if (!PyTuple_Check(extent) || !PyArg_ParseTuple(extent, "ii", &start, &end))
            status = -1;
        else if (start < 0 || end < start || end > self->length) {
            PyErr_SetString(PyExc_ValueError, "outside the text");
            status = -1;
        } else
            status = add(spans, (Span){start, end, -1, -1, 0, 0, NULL});
    }
    Py_XDECREF(fast);
    Py_XDECREF(told);
    return status;
}

/* The spans that stand in none of the benign ones. */
static void leave_outside(Growing *spans, const Spans *benign)
{
    if (!benign->count)
        return;
    int32_t reach = 0;
    for (int32_t at = 0; at < benign->count; at++)
        if (benign->items[at].end - benign->items[at].start > reach)
            reach = benign->items[at].end - benign->items[at].start;
    Growing others = {benign->items, (size_t)benign->count, 0};
    size_t left = 0;
    for (size_t at = 0; at < spans->count; at++) {
        Span span = spans->items[at];
        int inside = 0;
        for (size_t other = first_span_from(&others, span.end - reach);
             other < others.count && others.items[other].start <= span.start && !inside; other++)
            inside = others.items[other].end >= span.end;
        if (!inside)
            spans->items[left++] = span;
    }
    spans->count = left;
}

static int find(Passage *self, int32_t number, Growing *spans)
{
    if (!is_node(self->nodes, number) || find_breaks(self) < 0)
        return -1;
    const Node node = node_at(self->nodes, number);
    if (node.kind != WORDS && !may_hold(self, &node))
        return 0;
    int status;
    switch (node.kind) {
    case WORDS: status = find_words(self, &node, spans); break;
    case ANY: status = find_any(self, number, &node, spans); break;
    case CHAIN: status = find_chain(self, &node, spans); break;
    case MEET: status = find_meeting(self, &node, spans); break;
    default: status = find_elsewhere(self, number, spans);
    }
    if (status == 0 && node.benign >= 0 && spans->count) {
        const Spans *benign = spans_of(self, node.benign);
        if (!benign)
            return -1;
        leave_outside(spans, benign);
    }
    return status;
}

static uint32_t known_place(const Passage *self, int32_t number)
{
    uint32_t at = scattered((uint32_t)number) & self->known_mask;
    while (self->known_of[at] && self->known_of[at] != number + 1)
        at = (at + 1) & self->known_mask;
    return at;
}

static int remember(Passage *self, int32_t number, Spans *spans)
{
    if (!self->known || self->known_count * 2 > self->known_mask) {
        uint32_t room = self->known ? (self->known_mask + 1) * 2 : 64;
        int32_t *numbers = self->known_of;
        Spans **old = self->known;
        uint32_t count = self->known ? self->known_mask + 1 : 0;
        int32_t *new_numbers = zeroed(room, sizeof(int32_t));
        Spans **new = zeroed(room, sizeof(Spans *));
        if (!new_numbers || !new) {
            free(new_numbers);
            free(new);
            return -1;
        }
        self->known_of = new_numbers;
        self->known = new;
        self->known_mask = room - 1;
        for (uint32_t at = 0; at < count; at++)
            if (numbers[at]) {
                uint32_t place = known_place(self, numbers[at] - 1);
                self->known_of[place] = numbers[at];
                self->known[place] = old[at];
            }
        free(numbers);
        free(old);
    }
    uint32_t at = known_place(self, number);
    if (!self->known_of[at])
        self->known_count++;
    self->known_of[at] = number + 1;
    self->known[at] = spans;
    return 0;
}

static Spans *spans_of(Passage *self, int32_t number)
{
    if (self->known) {
        uint32_t at = known_place(self, number);
        if (self->known_of[at])
            return self->known[at];
    }
    if (Py_EnterRecursiveCall(" while looking for a node"))
        return NULL;
    Growing found = {0};
    Spans *spans = NULL;
    if (find(self, number, &found) == 0 && (spans = kept(self, sizeof(Spans)))) {
        *spans = NOWHERE;
        if (found.count) {
            spans->items = kept(self, found.count * sizeof(Span));
            if (spans->items) {
                memcpy(spans->items, found.items, found.count * sizeof(Span));
                spans->count = (int32_t)found.count;
            } else
                spans = NULL;
        }
        if (spans && remember(self, number, spans) < 0)
            spans = NULL;
    }
    free(found.items);
    Py_LeaveRecursiveCall();
    return spans;
}

/* -- what Python sees */

static PyObject *extent_tuple(int32_t low, int32_t high)
{
    PyObject *pair = PyTuple_New(2), *one = PyLong_FromLong(low), *other = PyLong_FromLong(high);
    if (!pair || !one || !other) {
        Py_XDECREF(pair);
        Py_XDECREF(one);
        Py_XDECREF(other);
        return NULL;
    }
    PyTuple_SET_ITEM(pair, 0, one);
    PyTuple_SET_ITEM(pair, 1, other);
    return pair;
}

static PyObject *span_tuple(const Passage *self, const Span *span)
{
    PyTypeObject *type = (PyTypeObject *)self->nodes->span;
    PyObject *gaps = PyTuple_New(span->gaps), *made = NULL;
    if (!gaps)
        return NULL;
    for (int32_t at = 0; at < span->gaps; at++) {
        PyObject *gap = extent_tuple(span->gap[at].low, span->gap[at].high);
        if (!gap) {
            Py_DECREF(gaps);
            return NULL;
        }
        PyTuple_SET_ITEM(gaps, at, gap);
    }
    PyObject *start = PyLong_FromLong(span->start), *end = PyLong_FromLong(span->end);
    PyObject *mark = span->mark_start < 0 ? Py_NewRef(Py_None) : extent_tuple(span->mark_start, span->mark_end);
    if (start && end && mark && (made = type->tp_alloc(type, 4))) {
        PyTuple_SET_ITEM(made, 0, start);
        PyTuple_SET_ITEM(made, 1, end);
        PyTuple_SET_ITEM(made, 2, gaps);
        PyTuple_SET_ITEM(made, 3, mark);
        return made;
    }
    Py_XDECREF(start);
    Py_XDECREF(end);
    Py_XDECREF(mark);
    Py_DECREF(gaps);
    return NULL;
}

static int read_number(PyObject *source, int32_t *number)
{
    long value = PyLong_AsLong(source);
    if (value == -1 && PyErr_Occurred())
        return -1;
    if (value < 0 || value > INT32_MAX) {
        PyErr_SetString(PyExc_IndexError, "no such node");
        return -1;
    }
    *number = (int32_t)value;
    return 0;
}

/* The spans of a node as a list of Python's, made once. Nobody changes it. */
static PyObject *list_of(Passage *self, int32_t number)
{
    Spans *spans = spans_of(self, number);
    if (!spans)
        return NULL;
    if (!spans->list) {
        PyObject *list = PyList_New(spans->count);
        for (int32_t at = 0; list && at < spans->count; at++) {
            PyObject *span = span_tuple(self, &spans->items[at]);
            if (!span)
                Py_CLEAR(list);
            else
                PyList_SET_ITEM(list, at, span);
        }
        if (!list)
            return NULL;
        spans->list = list;
    }
    return Py_NewRef(spans->list);
}

static PyObject *Passage_spans(Passage *self, PyObject *argument)
{
    int32_t number;
    return read_number(argument, &number) < 0 ? NULL : list_of(self, number);
}

static PyObject *Passage_has(Passage *self, PyObject *argument)
{
    int32_t number;
    const Spans *spans = read_number(argument, &number) < 0 ? NULL : spans_of(self, number);
    return spans ? PyBool_FromLong(spans->count > 0) : NULL;
}

static int read_three(PyObject *const *args, Py_ssize_t count, long long *first, long long *last, int from)
{
    if (count != from + 2) {
        PyErr_SetString(PyExc_TypeError, "a stretch of text wanted");
        return -1;
    }
    *first = PyLong_AsLongLong(args[from]);
    *last = PyLong_AsLongLong(args[from + 1]);
    return PyErr_Occurred() ? -1 : 0;
}

static PyObject *Passage_near(Passage *self, PyObject *const *args, Py_ssize_t count)
{
    int32_t number;
    long long first, last;
    if (read_three(args, count, &first, &last, 1) < 0 || read_number(args[0], &number) < 0)
        return NULL;
    const Spans *spans = spans_of(self, number);
    if (!spans)
        return NULL;
    if (!spans->count)
        return PyList_New(0);
    PyObject *list = list_of(self, number);
    if (!list)
        return NULL;
    Growing all = {spans->items, (size_t)spans->count, 0};
    size_t low = first_span_from(&all, first), high = first_span_from(&all, last);
    PyObject *near = PyList_GetSlice(list, (Py_ssize_t)low, (Py_ssize_t)(high > low ? high : low));
    Py_DECREF(list);
    return near;
}

static PyObject *Passage_breaks_between(Passage *self, PyObject *const *args, Py_ssize_t count)
{
    long long start, end;
    if (read_three(args, count, &start, &end, 0) < 0 || find_breaks(self) < 0)
        return NULL;
    return PyBool_FromLong(breaks_between(self, start, end));
}

static PyObject *Passage_clause(Passage *self, PyObject *const *args, Py_ssize_t count)
{
    long long start, end;
    if (read_three(args, count, &start, &end, 0) < 0 || find_breaks(self) < 0)
        return NULL;
    Extent clause = clause_of(self, start, end);
    return extent_tuple(clause.low, clause.high);
}

static PyObject *Passage_text(Passage *self, void *Py_UNUSED(closure)) { return Py_NewRef(self->text); }

static PyObject *Passage_memo(Passage *self, void *Py_UNUSED(closure))
{
    return self->memo ? Py_NewRef(self->memo) : PyDict_New();
}

/* ---------------------------------------------------------------- the module */

#define METHOD(name) (PyCFunction)(void (*)(void))(name)

static PyMethodDef Characters_methods[] = {
    {"glance", METHOD(Characters_glance), METH_O, "The kinds of a text's characters and, above these, how many digits."},
    {NULL}};
static PyType_Slot Characters_slots[] = {{Py_tp_new, Characters_new},
                                         {Py_tp_dealloc, Characters_dealloc},
                                         {Py_tp_methods, Characters_methods},
                                         {Py_tp_doc, "Kinds of characters."},
                                         {0, NULL}};
static PyType_Spec Characters_spec = {"replylint._core.Characters", sizeof(Characters), 0,
                                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, Characters_slots};

static PyMethodDef Literals_methods[] = {
    {"scan", METHOD(Literals_scan), METH_O, "Every occurrence of every literal: (start, end, number)."},
    {"read", METHOD(Literals_read), METH_METHOD | METH_FASTCALL | METH_KEYWORDS, "The words of a text, and marks."},
    {NULL}};
static PyGetSetDef Literals_attributes[] = {{"latin", (getter)Literals_latin, NULL, "Which must not cut a word.", NULL},
                                            {NULL}};
static PyType_Slot Literals_slots[] = {{Py_tp_new, Literals_new},
                                       {Py_tp_dealloc, Literals_dealloc},
                                       {Py_tp_methods, Literals_methods},
                                       {Py_tp_getset, Literals_attributes},
                                       {Py_tp_doc, "Literals to be found in texts."},
                                       {0, NULL}};
static PyType_Spec Literals_spec = {"replylint._core.Literals", sizeof(Literals), 0,
                                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, Literals_slots};

static PyMethodDef Words_methods[] = {
    {"is_less_than", METHOD(Words_is_less_than), METH_O, "Whether other words are more, or others."}, {NULL}};
static PyGetSetDef Words_attributes[] = {{"hits", (getter)Words_hits, NULL, "The places of all words.", NULL},
                                         {"numbers", (getter)Words_numbers, NULL, "The words and kinds.", NULL},
                                         {NULL}};
static PyType_Slot Words_slots[] = {{Py_tp_dealloc, Words_dealloc},
                                    {Py_tp_methods, Words_methods},
                                    {Py_tp_getset, Words_attributes},
                                    {Py_tp_doc, "The words of a text and the kinds of its entities."},
                                    {0, NULL}};
static PyType_Spec Words_spec = {"replylint._core.Words", sizeof(Words), 0,
                                 Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                                 Words_slots};

static PyMethodDef Calling_methods[] = {{"made_by", METHOD(Calling_made_by),
                                         METH_METHOD | METH_FASTCALL | METH_KEYWORDS, "What a text with some words calls, kind by kind."},
                                        {NULL}};
static PyType_Slot Calling_slots[] = {{Py_tp_new, Calling_new},
                                      {Py_tp_dealloc, Calling_dealloc},
                                      {Py_tp_methods, Calling_methods},
                                      {Py_tp_doc, "Words that call something, and what each calls."},
                                      {0, NULL}};
static PyType_Spec Calling_spec = {"replylint._core.Calling", sizeof(Calling), 0,
                                   Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, Calling_slots};

static PyType_Slot Nodes_slots[] = {{Py_tp_new, Nodes_new},
                                    {Py_tp_dealloc, Nodes_dealloc},
                                    {Py_tp_traverse, Nodes_traverse},
                                    {Py_tp_clear, Nodes_clear},
                                    {Py_tp_doc, "The nodes of a pack set, each described when first asked for."},
                                    {0, NULL}};
static PyType_Spec Nodes_spec = {"replylint._core.Nodes", sizeof(Nodes), 0,
                                 Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_HAVE_GC, Nodes_slots};

static PyMethodDef Passage_methods[] = {
    {"spans", METHOD(Passage_spans), METH_O, "Where a node holds, in order of start."},
    {"has", METHOD(Passage_has), METH_O, "Whether a node holds anywhere."},
    {"near", METHOD(Passage_near), METH_FASTCALL, "The spans of a node that start in a stretch of text."},
    {"clause", METHOD(Passage_clause), METH_FASTCALL, "The clause around a span, the closing sign excluded."},
    {"breaks_between", METHOD(Passage_breaks_between), METH_FASTCALL, "Whether a clause ends inside the span."},
    {NULL}};
static PyGetSetDef Passage_attributes[] = {
    {"text", (getter)Passage_text, NULL, "The text.", NULL},
    {"memo", (getter)Passage_memo, NULL, "What others worked out about this text once, by name.", NULL},
    {NULL}};
static PyType_Slot Passage_slots[] = {{Py_tp_new, Passage_new},
                                      {Py_tp_dealloc, Passage_dealloc},
                                      {Py_tp_traverse, Passage_traverse},
                                      {Py_tp_clear, Passage_clear},
                                      {Py_tp_methods, Passage_methods},
                                      {Py_tp_getset, Passage_attributes},
                                      {Py_tp_doc, "A text that can be asked where nodes hold."},
                                      {0, NULL}};
static PyType_Spec Passage_spec = {"replylint._core.Passage", sizeof(Passage), 0,
                                   Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_HAVE_GC, Passage_slots};

static int core_exec(PyObject *module)
{
    State *state = state_of(module);
    struct { PyTypeObject **into; PyType_Spec *spec; } types[] = {{&state->characters, &Characters_spec},
                                                                  {&state->literals, &Literals_spec},
                                                                  {&state->words, &Words_spec},
                                                                  {&state->calling, &Calling_spec},
                                                                  {&state->nodes, &Nodes_spec},
                                                                  {&state->passage, &Passage_spec}};
    for (size_t at = 0; at < sizeof types / sizeof *types; at++) {
        *types[at].into = (PyTypeObject *)PyType_FromModuleAndSpec(module, types[at].spec, NULL);
        if (!*types[at].into || PyModule_AddType(module, *types[at].into) < 0)
            return -1;
    }
    return PyModule_AddIntConstant(module, "API", API);
}

static int core_traverse(PyObject *module, visitproc visit, void *arg)
{
    State *state = state_of(module);
    Py_VISIT(state->characters);
    Py_VISIT(state->literals);
    Py_VISIT(state->words);
    Py_VISIT(state->calling);
    Py_VISIT(state->nodes);
    Py_VISIT(state->passage);
    return 0;
}

static int core_clear(PyObject *module)
{
    State *state = state_of(module);
    Py_CLEAR(state->characters);
    Py_CLEAR(state->literals);
    Py_CLEAR(state->words);
    Py_CLEAR(state->calling);
    Py_CLEAR(state->nodes);
    Py_CLEAR(state->passage);
    return 0;
}

static PyModuleDef_Slot core_slots[] = {{Py_mod_exec, core_exec}, {0, NULL}};
static struct PyModuleDef core_module = {.m_base = PyModuleDef_HEAD_INIT,
                                         .m_name = "replylint._core",
                                         .m_doc = "The hot path of judging; its twin in Python says what it does.",
                                         .m_size = sizeof(State),
                                         .m_slots = core_slots,
                                         .m_traverse = core_traverse,
                                         .m_clear = core_clear};

PyMODINIT_FUNC PyInit__core(void) { return PyModuleDef_Init(&core_module); }
