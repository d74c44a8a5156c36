/* The machine's interpreter, event-driven: only what can have changed is looked at again. It knows no algorithm.

   definition.py says what a tick does; tables.py says what the tables mean, and verifies them, so that nothing is
   checked here; engine.py hands both over. All arrays of rows and edges have their nil entry before the first one.

   - A context's code is a sum of three parts: what the row (or edge) reads of itself and its neighbours, which is kept
     and renewed where one of those registers was written; what it reads of the hub alone, the same for all; and the
     bits "the hub points at me". What the program does not look at in a phase is not read of the hub, and taken out of
     the kept part once for a class and phase.
   - Rows of the same kept part form a class, a list: a class whose decision is keep costs one comparison. Edges are
     such units too; where their own part reads their source alone, the unit is the source.
   - A write says who sees it (`Dependent`); these are marked dirty, or, of a selection, stale. An edge that may be
     selected now is compared with what its receiver has selected; one that may not is missed only there.
   - Registers lie one after the other, each with all its rows: a program looks at few of them.
   - A relation is selected along in every tick (eager) where columns of rows read that; otherwise when it is asked for,
     and what is dirty there waits until then. Receivers of few edges look at them all, others keep a heap for each
     class and head.
   - A context that the answers lack ends the tick before any write. Where each state has answers of its own, the others
     run on as far as they come, and begin where they were when the answers are there. */

#include <math.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#ifdef _WIN32
#define API __declspec(dllexport)
#else
#define API __attribute__((visibility("default")))
#endif

#ifndef KERNEL_VERSION
#define KERNEL_VERSION 0
#endif

/* ------------------------------------------------------------------ what is handed over */
enum { POINTER, HUB, SELECTED, SOURCE, TARGET };                                     /* steps of a path */
enum { SCALAR, COST, WEIGHT, NUMBER, TOTAL, ADD, SUB, MUL, MIN, MAX, ABS };          /* items of an expression */
enum { FIELD_IS, IS_SET, SAME, SIGN, TURN };                                         /* columns */
enum { CONSTANT, PLACE, VALUE };                                                     /* operations */
enum { NO_KEY, KEY_SCALAR, KEY_SUM, KEY_WEIGHT, KEY_ANY };                           /* shapes of a key */
enum { SELF, SOURCES, TARGETS };                                                     /* what the hub points at */
enum { SEEN_HERE, SEEN_BY_ALL, SEEN_BY_POINTER, SEEN_BY_SELECTION, SEEN_FROM_SOURCE, SEEN_FROM_TARGET, KEY_OF_SOURCE,
       KEY_OF_TARGET, KEY_OF_HUB };                                                  /* who sees a write */
enum { DONE, AGAIN, UNKNOWN, NO_MEMORY };                                            /* what run_many says */

typedef struct { int64_t kind, argument; } Step;
typedef struct { int64_t kind, argument, path, steps; } Item;
typedef struct { int64_t kind, a, a_size, b, b_size, c, c_size, field, weight; } Column;
typedef struct { int64_t kind, to, a, a_size; } Operation;
typedef struct { int64_t relation, kind, head, heads, own, owns, pointeds, by_source, eager, always; } Group;
typedef struct { int64_t hub, hubs, pointed, pointeds, hidden, hiddens; } Look;      /* of a group, in a phase */
typedef struct { int64_t weight, radix; } Hidden;                                    /* of the columns of its own */
typedef struct { int64_t group, bit, key, key_size, total, readers, shape, scalar, scan; } Head;
typedef struct { int64_t pointer, end, weight; } Pointed;
typedef struct { int64_t action, group, argument; } Dependent;

typedef struct {
    const Step *steps; const Item *items; const double *numbers; const Column *columns; const Operation *operations;
    const Group *groups; const Look *looks; const Hidden *hidden; const Head *heads; const Pointed *pointed;
    const Dependent *dependents;
    const int64_t *of_int, *of_scalar;      /* the dependents of register q are of_int[q] … of_int[q + 1] */
    const int64_t *tracked, *track;         /* pointers whose holders are listed; of each int register, its place there */
    int64_t ints, scalars, group_count, phases, head_count, tracked_count, hub_group, halt, at_x, at_y, rest_x, rest_y;
} Program;

typedef struct {                            /* decisions by context, an open-addressing table for each group */
    const int64_t *codes; const int32_t *decisions; uint8_t *met; const int64_t *base, *mask;
    const int64_t *first; const int64_t *writes;      /* decision d does writes[first[d]] … writes[first[d + 1]] */
} Answers;

typedef struct {
    int64_t rows, hub, edges, relations;
    const int64_t *kind_start;              /* rows of a kind are kind_start[k] … kind_start[k + 1] */
    const int64_t *edge_start;              /* edges of a relation, likewise, and a nil entry after them */
    const int32_t *source, *target;         /* sorted by target, then source */
    const int32_t *into;                    /* (relations, rows + 1): edges into a row are into[row] … into[row + 1] */
} Layout;

typedef struct {                            /* states of one layout, run one after the other */
    int64_t count, index, begin, each;      /* begin: state `index` was changed from outside; each: so many answers, */
                                            /* state i has the i modulo `each`-th; 0: one, for all states */
    int32_t *ints; double *scalars; const double *weights; int64_t weight_stride;
    int64_t *versions; const int64_t *weight_versions, inputs;  /* of scalars and weights, or none; 1 … inputs are given */
    int64_t *ticks; const int64_t *caps; int64_t stop, budget, log;
    int64_t *unknown, unknown_size, unknowns;            /* pairs (group, code) */
} Run;

/* ------------------------------------------------------------------ what is kept */
typedef struct { int64_t code, visible, part; int32_t group, phase, decision, count, first, live, rank, mask; uint32_t changed; } Class;
typedef struct { int32_t size, capacity; double *keys; int32_t *edges; } Heap;
typedef struct { Heap *heaps; int64_t count; } Owner;
typedef struct { int32_t row, reg; union { int32_t i; double d; } value; } Write;   /* reg: of a scalar, -1 - its place */
typedef struct { int32_t row, reg; union { int64_t i; double d; } value; } Logged;
typedef struct { int64_t version; double factor; } Term;

typedef struct { int32_t *rows; int64_t *bits; int count; } Marks;   /* rows, and what each adds to contexts */
typedef struct { int32_t next, previous; } Link;                     /* of a unit, in the list of its class */

typedef struct {
    int64_t unit, start, stop;              /* its first unit; its rows or edges */
    int64_t units, part, last_part;
    int by_source, only_hub, eager, totals; /* totals: of a head, at least */
    uint32_t asked;                         /* the tick in which it was last asked for */
    Link *links;                            /* of its units; none where no class is gone through */
    const Look *look;                       /* of the present phase */
    int32_t *live; int64_t lives, live_room; int32_t ranks;
    int32_t *dirty; int64_t dirties;
    int32_t *stale; int64_t stales; uint8_t *is_stale;
    int32_t *moved, *moved_mask; int64_t moveds;
    int32_t *from, *by_source_list;         /* edges from a row are by_source_list[from[row]] … */
    int32_t *owner; 
    Marks rows, sources, targets, last_sources, last_targets;       /* that the hub points at */
    const int32_t *into;
} Part;

typedef struct World {
    jmp_buf failed;
    const Program *p; const Layout *l; const Answers *a; Run *r;
    int32_t *ints; double *scalars; const double *weights; int64_t *versions; const int64_t *weight_versions;
    const int32_t *source, *target;
    int64_t rows, hub, unit_count;
    int32_t phase;
    Part *parts;
    int32_t *selected; double *totals; uint32_t *fresh, stamp;
    Class *classes; int64_t class_count, class_room; int32_t *table; int64_t table_mask;
    int32_t *class_of; uint8_t *is_dirty;
    int32_t *holders, *next_holder, *previous_holder;   /* (tracked, rows): who points at a row */
    Owner *owners; int64_t owner_count, heap_count;
    int32_t *best; double *best_key;                    /* of each head, while a receiver selects */
    Write *writes; int64_t write_count, write_room; int64_t *write_versions; int64_t write_version_room;
    int32_t *aside; double *aside_keys; int64_t aside_room;
    Logged *log; int64_t log_count, log_room; int64_t *log_ends, log_ticks, log_tick_room;
    Term *terms; int64_t term_count, term_room; int64_t *term_ends, version_count, version_room; uint8_t *products;
    int64_t work, lacking;                  /* lacking: contexts of this tick without a decision */
} World;

enum { HEAVY = 48, MOST_TERMS = 16, DEPTH = 16 };

static void *checked(World *w, void *p)
{
    if (!p) longjmp(w->failed, 1);
    return p;
}

static void *make(World *w, int64_t count, size_t size)
{
    if (count < 0 || (uint64_t)count > (SIZE_MAX / 2) / size) longjmp(w->failed, 1);
    return checked(w, calloc(count ? (size_t)count : 1, size));
}

/* Room for `wanted` entries, at least doubled. */
static void *grown(World *w, void *p, int64_t *room, int64_t wanted, size_t size)
{
    if (wanted <= *room) return p;
    int64_t more = 2 * *room > wanted ? 2 * *room : wanted + 16;
    if ((uint64_t)more > (SIZE_MAX / 2) / size) longjmp(w->failed, 1);
    p = checked(w, realloc(p, (size_t)more * size));
    *room = more;
    return p;
}

/* ------------------------------------------------------------------ terms */
static inline int64_t scalar_at(World *w, int64_t reg, int32_t row) { return reg * (w->rows + 1) + row; }
static inline int32_t *int_at(World *w, int64_t reg, int32_t row) { return w->ints + reg * (w->rows + 1) + row; }

static void ask(World *w, int32_t row, int64_t head);
static void prepare(World *w, int64_t group);

static inline int32_t walk(World *w, int32_t row, int32_t edge, int64_t path, int64_t size)
{
    const Program *p = w->p;
    for (const Step *s = p->steps + path, *end = s + size; s < end; s++)
        switch (s->kind) {
        case POINTER: row = *int_at(w, s->argument, row); break;
        case HUB: row = (int32_t)w->hub; break;
        case SELECTED:
            if (row >= 0) ask(w, row, s->argument);
            row = w->source[w->selected[row * p->head_count + s->argument]];
            break;
        case SOURCE: if (edge >= 0) row = w->source[edge]; break;   /* else the row is it */
        default: row = w->target[edge];
        }
    return row;
}

static double leaf(World *w, int32_t row, int32_t edge, const Item *x)
{
    const Program *p = w->p;
    if (x->kind == NUMBER) return p->numbers[x->argument];
    if (x->kind == WEIGHT) return w->weights[edge];
    int32_t at = walk(w, row, edge, x->path, x->steps);
    if (x->kind == SCALAR) return w->scalars[scalar_at(w, x->argument, at)];
    if (at >= 0) ask(w, at, x->argument);
    if (x->kind == TOTAL) return w->totals[at * p->head_count + x->argument];
    return w->weights[w->selected[at * p->head_count + x->argument]];
}

static inline double combined(int64_t kind, double a, double b)
{
    switch (kind) {
    case ADD: return a + b;
    case SUB: return a - b;
    case MUL: return a * b;
    case MIN: return a <= b || a != a ? a : b;
    default: return a >= b || a != a ? a : b;
    }
}

static double value(World *w, int32_t row, int32_t edge, int64_t first, int64_t size)
{
    if (size == 1) return leaf(w, row, edge, w->p->items + first);
    double stack[DEPTH];
    int top = 0;
    for (const Item *x = w->p->items + first, *end = x + size; x < end; x++)
        if (x->kind < ADD) stack[top++] = leaf(w, row, edge, x);
        else if (x->kind == ABS) stack[top - 1] = fabs(stack[top - 1]);
        else { top--; stack[top - 1] = combined(x->kind, stack[top - 1], stack[top]); }
    return stack[0];
}

/* ---- which way three points turn, exactly: in whole numbers where float64 may be wrong */
enum { LIMBS = 76 };

typedef struct { uint32_t limb[LIMBS]; } Whole;

/* x += m 2^(32 at + shift), in two's complement of `size` limbs */
static void add_shifted(Whole *x, int size, int64_t m, int shift)
{
    int at = shift / 32, bits = shift % 32;
    uint64_t u = m < 0 ? (uint64_t)-m : (uint64_t)m;
    uint32_t part[3] = {(uint32_t)(u << bits), (uint32_t)(u << bits >> 32), bits ? (uint32_t)(u >> (64 - bits)) : 0};
    uint64_t carry = m < 0;
    for (int i = at; i < size; i++) {
        uint32_t v = i - at < 3 ? part[i - at] : 0;
        uint64_t sum = (uint64_t)x->limb[i] + (m < 0 ? (uint32_t)~v : v) + carry;
        x->limb[i] = (uint32_t)sum;
        carry = sum >> 32;
    }
}

static int negate(Whole *x, int size)      /* its magnitude; was it negative? */
{
    if (!(x->limb[size - 1] >> 31)) return 0;
    uint64_t carry = 1;
    for (int i = 0; i < size; i++) {
        uint64_t sum = (uint64_t)(uint32_t)~x->limb[i] + carry;
        x->limb[i] = (uint32_t)sum;
        carry = sum >> 32;
    }
    return 1;
}

static int is_zero(const Whole *x, int size)
{
    for (int i = 0; i < size; i++) if (x->limb[i]) return 0;
    return 1;
}

static void product(const Whole *a, const Whole *b, int size, uint32_t *out)
{
    memset(out, 0, 2 * (size_t)size * sizeof *out);
    for (int i = 0; i < size; i++) {
        uint64_t carry = 0;
        for (int j = 0; j < size; j++) {
            uint64_t t = (uint64_t)a->limb[i] * b->limb[j] + out[i + j] + carry;
            out[i + j] = (uint32_t)t;
            carry = t >> 32;
        }
        out[i + size] = (uint32_t)carry;
    }
}

/* c[point][x or y][at or rest] -> 0 straight, 1 left, 2 right */
static int turn_of(double c[3][2][2])
{
    int low = 0, high = 0, any = 0, exponent;
    int64_t m[3][2][2];
    int e[3][2][2];
    for (int i = 0; i < 12; i++) {
        double v = (&c[0][0][0])[i];
        int64_t *mantissa = &(&m[0][0][0])[i];
        *mantissa = (int64_t)ldexp(frexp(v, &exponent), 53);
        exponent -= 53;
        while (*mantissa && !(*mantissa & 1)) { *mantissa /= 2; exponent++; }
        (&e[0][0][0])[i] = exponent;
        if (!*mantissa) continue;
        int top = exponent;
        for (int64_t u = *mantissa < 0 ? -*mantissa : *mantissa; u; u >>= 1) top++;
        if (!any || exponent < low) low = exponent;
        if (!any || top > high) high = top;
        any = 1;
    }
    if (!any) return 0;
    int size = (high - low + 4) / 32 + 1;   /* sums of two and their differences need three bits more */
    Whole d[2][2];                           /* b - a, c - a */
    memset(d, 0, sizeof d);
    for (int k = 0; k < 2; k++)
        for (int xy = 0; xy < 2; xy++)
            for (int part = 0; part < 2; part++) {
                if (m[k + 1][xy][part]) add_shifted(&d[k][xy], size, m[k + 1][xy][part], e[k + 1][xy][part] - low);
                if (m[0][xy][part]) add_shifted(&d[k][xy], size, -m[0][xy][part], e[0][xy][part] - low);
            }
    int sign[2][2];
    for (int k = 0; k < 2; k++) for (int xy = 0; xy < 2; xy++) sign[k][xy] = negate(&d[k][xy], size);
    uint32_t left[2 * LIMBS], right[2 * LIMBS];
    product(&d[0][0], &d[1][1], size, left);
    product(&d[0][1], &d[1][0], size, right);
    int left_sign = is_zero(&d[0][0], size) || is_zero(&d[1][1], size) ? 0 : sign[0][0] == sign[1][1] ? 1 : -1;
    int right_sign = is_zero(&d[0][1], size) || is_zero(&d[1][0], size) ? 0 : sign[0][1] == sign[1][0] ? 1 : -1;
    if (left_sign != right_sign) return left_sign > right_sign ? 1 : 2;
    for (int i = 2 * size - 1; left_sign && i >= 0; i--)
        if (left[i] != right[i]) return (left[i] > right[i]) == (left_sign > 0) ? 1 : 2;
    return 0;
}

static int turn(World *w, const int32_t *row)
{
    const Program *p = w->p;
    double c[3][2][2];
    int plain = 1;
    for (int i = 0; i < 3; i++) {
        const int64_t place[4] = {p->at_x, p->rest_x, p->at_y, p->rest_y};
        for (int j = 0; j < 4; j++)
            if (!isfinite((&c[i][0][0])[j] = w->scalars[scalar_at(w, place[j], row[i])])) return 3;
        plain = plain && c[i][0][1] == 0 && c[i][1][1] == 0;
    }
    double left = (c[1][0][0] - c[0][0][0]) * (c[2][1][0] - c[0][1][0]);
    double right = (c[1][1][0] - c[0][1][0]) * (c[2][0][0] - c[0][0][0]);
    double size = fabs(left) + fabs(right), cross = left - right;
    if (plain && fabs(cross) > (3 + 16 * 0x1p-53) * 0x1p-53 * size && size > 1e-140 && size < 1e140)
        return cross > 0 ? 1 : 2;           /* Shewchuk's bound */
    return turn_of(c);
}

static int64_t column(World *w, int32_t row, int32_t edge, const Column *c)
{
    int32_t points[3];
    double a, b;
    switch (c->kind) {
    case FIELD_IS: return (int64_t)*int_at(w, c->field, walk(w, row, edge, c->a, c->a_size)) + 1;
    case IS_SET: return walk(w, row, edge, c->a, c->a_size) >= 0;
    case SAME: return walk(w, row, edge, c->a, c->a_size) == walk(w, row, edge, c->b, c->b_size);
    case SIGN:
        a = value(w, row, edge, c->a, c->a_size), b = value(w, row, edge, c->b, c->b_size);
        return a > b ? 1 : a < b ? 2 : a == b ? 0 : 3;
    default:
        points[0] = walk(w, row, edge, c->a, c->a_size), points[1] = walk(w, row, edge, c->b, c->b_size);
        points[2] = walk(w, row, edge, c->c, c->c_size);
        return turn(w, points);
    }
}

static int64_t code_of(World *w, int32_t row, int32_t edge, int64_t first, int64_t count)
{
    uint64_t code = 0;
    for (const Column *c = w->p->columns + first, *end = c + count; c < end; c++)
        code += (uint64_t)c->weight * (uint64_t)column(w, row, edge, c);
    return (int64_t)code;
}

/* The decision of a context; 0, and it is noted, where there is none. */
static int32_t decision(World *w, int64_t group, int64_t code)
{
    const Answers *a = w->a;
    const int64_t *codes = a->codes + a->base[group], mask = a->mask[group];
    for (int64_t i = (int64_t)((uint64_t)code * 0x9E3779B97F4A7C15u >> 32) & mask;; i = (i + 1) & mask) {
        if (codes[i] == code) {
            a->met[a->base[group] + i] = 1;
            return a->decisions[a->base[group] + i];
        }
        if (codes[i] < 0) break;
    }
    Run *r = w->r;
    if (r->unknowns < r->unknown_size) {
        r->unknown[2 * r->unknowns] = group;
        r->unknown[2 * r->unknowns + 1] = code;
    }
    r->unknowns++, w->lacking++;
    return 0;
}

/* ------------------------------------------------------------------ classes */
/* Parts of codes, together; they wrap around, in tables that are not a program's. */
static inline int64_t sum(int64_t a, int64_t b) { return (int64_t)((uint64_t)a + (uint64_t)b); }

static uint64_t mixed(int64_t code, int64_t group)
{
    return ((uint64_t)code * 31 + (uint64_t)group + 1) * 0x9E3779B97F4A7C15u >> 32;
}

static int32_t class_with(World *w, int64_t group, int64_t code)
{
    for (uint64_t i = mixed(code, group) & w->table_mask;; i = (i + 1) & w->table_mask) {
        int32_t c = w->table[i] - 1;
        if (c < 0) break;
        if (w->classes[c].code == code && w->classes[c].group == group) return c;
    }
    if (4 * (w->class_count + 1) > 3 * (w->table_mask + 1)) {
        int64_t size = 2 * (w->table_mask + 1);
        int32_t *table = make(w, size, sizeof *table);
        free(w->table);
        w->table = table, w->table_mask = size - 1;
        for (int64_t c = 0; c < w->class_count; c++) {
            uint64_t i = mixed(w->classes[c].code, w->classes[c].group) & w->table_mask;
            while (table[i]) i = (i + 1) & w->table_mask;
            table[i] = (int32_t)c + 1;
        }
    }
    uint64_t i = mixed(code, group) & w->table_mask;
    while (w->table[i]) i = (i + 1) & w->table_mask;
    w->classes = grown(w, w->classes, &w->class_room, w->class_count + 1, sizeof *w->classes);
    w->classes[w->class_count] =
        (Class){code, code, INT64_MIN, (int32_t)group, -1, 0, 0, -1, -1, w->parts[group].ranks++, 0, 0};
    w->table[i] = (int32_t)++w->class_count;
    return (int32_t)w->class_count - 1;
}

static void enliven(World *w, int64_t group, int32_t c)
{
    Part *q = &w->parts[group];
    if (w->classes[c].live >= 0) return;
    q->live = grown(w, q->live, &q->live_room, q->lives + 1, sizeof *q->live);
    w->classes[c].live = (int32_t)q->lives;
    q->live[q->lives++] = c;
}

static void leave(World *w, int64_t group, int32_t c)
{
    Part *q = &w->parts[group];
    int32_t at = w->classes[c].live, last = q->live[--q->lives];
    q->live[at] = last;
    w->classes[last].live = at;
    w->classes[c].live = -1;
}

static void move(World *w, int64_t group, int32_t u, int32_t c)
{
    Part *q = &w->parts[group];
    int32_t old = w->class_of[u];
    w->class_of[u] = c;
    w->classes[c].count++;
    if (old >= 0) w->classes[old].count--;
    enliven(w, group, c);
    if (!q->links) return;
    Link *links = q->links - q->unit, *x = &links[u];
    if (old >= 0) {
        if (x->previous >= 0) links[x->previous].next = x->next; else w->classes[old].first = x->next;
        if (x->next >= 0) links[x->next].previous = x->previous;
    }
    *x = (Link){w->classes[c].first, -1};
    if (x->next >= 0) links[x->next].previous = u;
    w->classes[c].first = u;
}

static inline int32_t next_of(Part *q, int32_t u) { return q->links[u - q->unit].next; }

/* A class's part of a code, without what is not looked at in this phase. */
static inline int64_t visible(World *w, int64_t group, int32_t c)
{
    Class *k = &w->classes[c];
    if (k->phase != w->phase) {
        const Look *look = w->parts[group].look;
        k->visible = k->code, k->phase = w->phase, k->part = INT64_MIN;
        for (const Hidden *x = w->p->hidden + look->hidden, *end = x + look->hiddens; x < end; x++)
            k->visible = sum(k->visible, -(k->code / x->weight % x->radix * x->weight));
    }
    return k->visible;
}

/* What a class does (or who may select its edges) where the hub is as it is. */
static int32_t decided(World *w, int64_t group, int32_t c)
{
    int64_t code = visible(w, group, c);
    Class *k = &w->classes[c];
    if (k->part != w->parts[group].part) {
        k->decision = decision(w, group, sum(code, w->parts[group].part));
        k->part = w->parts[group].part;
    }
    return k->decision;
}

/* The same of one of the class that the hub points at. */
static int32_t pointed_at(World *w, int64_t group, int32_t c, int64_t bits)
{
    return decision(w, group, sum(sum(visible(w, group, c), w->parts[group].part), bits));
}

/* ------------------------------------------------------------------ who has to be looked at again */
static inline void mark(World *w, Part *q, int64_t u)
{
    if (!w->is_dirty[u]) {
        w->is_dirty[u] = 1;
        q->dirty[q->dirties++] = (int32_t)u;
    }
}

static inline void mark_row(World *w, Part *q, int32_t row)
{
    if (row >= q->start && row < q->stop) mark(w, q, q->unit + row - q->start);
}

static inline void stale(Part *q, int32_t row)
{
    if (!q->is_stale[row]) {
        q->is_stale[row] = 1;
        q->stale[q->stales++] = row;
    }
}

static inline int32_t unit_of(World *w, Part *q, int32_t edge)
{
    return (int32_t)(q->by_source ? q->unit + w->source[edge] : q->unit + edge - q->start);
}

static void stale_unit(World *w, Part *q, int32_t u)
{
    int64_t at = u - q->unit;
    if (!q->by_source) { stale(q, w->target[q->start + at]); return; }
    for (int32_t i = q->from[at]; i < q->from[at + 1]; i++) stale(q, w->target[q->by_source_list[i]]);
}

/* ------------------------------------------------------------------ heaps of receivers of many edges */
static double key_of(World *w, const Head *h, int32_t edge)
{
    double v;
    switch (h->shape) {
    case NO_KEY: return 0.0;
    case KEY_SCALAR: v = w->scalars[scalar_at(w, h->scalar, w->source[edge])]; break;
    case KEY_SUM: v = w->scalars[scalar_at(w, h->scalar, w->source[edge])] + w->weights[edge]; break;
    case KEY_WEIGHT: v = w->weights[edge]; break;
    default: v = value(w, -1, edge, h->key, h->key_size);
    }
    return v != v ? INFINITY : v;
}

static inline int before(double key, int32_t edge, double key2, int32_t edge2)
{
    return key < key2 || (key == key2 && edge < edge2);
}

static void sift_down(Heap *x, int32_t i)
{
    double key = x->keys[i];
    int32_t edge = x->edges[i];
    for (int32_t j; (j = 2 * i + 1) < x->size; i = j) {
        if (j + 1 < x->size && before(x->keys[j + 1], x->edges[j + 1], x->keys[j], x->edges[j])) j++;
        if (!before(x->keys[j], x->edges[j], key, edge)) break;
        x->keys[i] = x->keys[j], x->edges[i] = x->edges[j];
    }
    x->keys[i] = key, x->edges[i] = edge;
}

static void pop(Heap *x)
{
    x->size--;
    x->keys[0] = x->keys[x->size], x->edges[0] = x->edges[x->size];
    if (x->size) sift_down(x, 0);
}

static void reserve(World *w, Heap *x, int64_t wanted)
{
    if (wanted <= x->capacity) return;
    int64_t room = x->capacity, more = x->capacity;
    x->keys = grown(w, x->keys, &room, wanted, sizeof *x->keys);
    x->edges = grown(w, x->edges, &more, wanted, sizeof *x->edges);
    x->capacity = (int32_t)room;
}

static void push(World *w, Heap *x, double key, int32_t edge)
{
    reserve(w, x, (int64_t)x->size + 1);
    int32_t i = x->size++;
    while (i > 0) {
        int32_t j = (i - 1) / 2;
        if (!before(key, edge, x->keys[j], x->edges[j])) break;
        x->keys[i] = x->keys[j], x->edges[i] = x->edges[j];
        i = j;
    }
    x->keys[i] = key, x->edges[i] = edge;
}

static void fill(World *w, int64_t group, int32_t row, int32_t c, const Head *h, Heap *x)
{
    Part *q = &w->parts[group];
    x->size = 0;
    reserve(w, x, 8);
    for (int32_t e = q->into[row]; e < q->into[row + 1]; e++)
        if (w->class_of[unit_of(w, q, e)] == c) {
            reserve(w, x, (int64_t)x->size + 1);
            x->keys[x->size] = key_of(w, h, e), x->edges[x->size++] = e;
        }
    for (int32_t i = x->size / 2; i-- > 0;) sift_down(x, i);
}

static Heap *heap_at(World *w, int64_t group, int32_t row, int32_t c, int64_t head)
{
    const Group *g = &w->p->groups[group];
    Owner *o = &w->owners[w->parts[group].owner[row]];
    int64_t at = w->classes[c].rank * g->heads + head - g->head;
    if (at >= o->count) {
        int64_t old = o->count;
        o->heaps = grown(w, o->heaps, &o->count, at + 1, sizeof *o->heaps);
        memset(o->heaps + old, 0, (size_t)(o->count - old) * sizeof *o->heaps);
    }
    return &o->heaps[at];
}

/* An edge's key or class is new: into the heap that there is. Outdated entries stay until they come up. */
static void renew(World *w, int64_t group, int32_t row, int32_t c, int64_t head, int32_t edge)
{
    Part *q = &w->parts[group];
    Heap *x = heap_at(w, group, row, c, head);
    if (!x->keys) return;
    const Head *h = &w->p->heads[head];
    if (x->size == x->capacity && x->size >= 2 * (q->into[row + 1] - q->into[row]) + 16) { fill(w, group, row, c, h, x); return; }
    push(w, x, key_of(w, h, edge), edge);
}

static void renew_unit(World *w, int64_t group, int32_t u)
{
    Part *q = &w->parts[group];
    const Group *g = &w->p->groups[group];
    int64_t at = u - q->unit;
    int32_t c = w->class_of[u];
    int64_t i = q->by_source ? q->from[at] : q->start + at, end = q->by_source ? q->from[at + 1] : q->start + at + 1;
    for (; i < end; i++) {
        int32_t e = q->by_source ? q->by_source_list[i] : (int32_t)i, row = w->target[e];
        if (q->owner[row] >= 0)
            for (int64_t h = g->head; h < g->head + g->heads; h++) renew(w, group, row, c, h, e);
    }
}

/* ------------------------------------------------------------------ what the hub points at */
static void note(Marks *m, int32_t row, int64_t weight)
{
    for (int i = 0; i < m->count; i++) if (m->rows[i] == row) { m->bits[i] = sum(m->bits[i], weight); return; }
    m->rows[m->count] = row, m->bits[m->count++] = weight;
}

static void find_pointed(World *w, int64_t group)
{
    Part *q = &w->parts[group];
    q->rows.count = q->sources.count = q->targets.count = 0;
    for (const Pointed *x = w->p->pointed + q->look->pointed, *end = x + q->look->pointeds; x < end; x++) {
        int32_t row = *int_at(w, x->pointer, (int32_t)w->hub);
        if (row < 0) continue;
        if (x->end == SOURCES) note(&q->sources, row, x->weight);
        else if (x->end == TARGETS) note(&q->targets, row, x->weight);
        else if (row >= q->start && row < q->stop) note(&q->rows, row, x->weight);
    }
}

static inline int64_t bits_of(const Marks *m, int32_t row)
{
    for (int i = 0; i < m->count; i++) if (m->rows[i] == row) return m->bits[i];
    return 0;
}

static int same(const Marks *a, const Marks *b)
{
    size_t n = (size_t)a->count;
    return a->count == b->count
        && (!n || (!memcmp(a->rows, b->rows, n * sizeof *a->rows) && !memcmp(a->bits, b->bits, n * sizeof *a->bits)));
}

/* ------------------------------------------------------------------ selections */
static void clear(World *w, const Group *g)
{
    for (int64_t h = g->head; h < g->head + g->heads; h++) w->best[h] = -1, w->best_key[h] = 0.0;
}

/* An edge that these heads may select. */
static void offer(World *w, const Group *g, int32_t edge, int32_t mask)
{
    for (int64_t i = g->head; i < g->head + g->heads; i++) {
        const Head *h = &w->p->heads[i];
        if (!(mask >> h->bit & 1)) continue;
        if (h->total) { w->best_key[i] += value(w, -1, edge, h->key, h->key_size); continue; }
        double key = key_of(w, h, edge);
        if (w->best[i] < 0 || before(key, edge, w->best_key[i], w->best[i])) w->best[i] = edge, w->best_key[i] = key;
    }
}

static void reread(World *w, int64_t head, int32_t row)
{
    int64_t readers = w->p->heads[head].readers;
    for (int64_t k = 0; readers; k++, readers >>= 1) if (readers & 1) mark_row(w, &w->parts[k], row);
}

/* What was found becomes the row's selection. */
static void settle(World *w, const Group *g, int32_t row)
{
    for (int64_t h = g->head; h < g->head + g->heads; h++) {
        int64_t at = row * w->p->head_count + h;
        int moved;
        if (w->p->heads[h].total) {
            double old = w->totals[at], new = w->best_key[h];
            moved = !(old == new || (old != old && new != new));
            w->totals[at] = new;
        } else {
            moved = w->selected[at] != w->best[h];
            w->selected[at] = w->best[h];
        }
        if (moved && w->p->heads[h].readers) reread(w, h, row);
    }
}

static int32_t mask_of(World *w, int64_t group, int32_t edge, int64_t bits)
{
    Part *q = &w->parts[group];
    int32_t c = w->class_of[unit_of(w, q, edge)];
    if (q->sources.count) bits = sum(bits, bits_of(&q->sources, w->source[edge]));
    return bits ? pointed_at(w, group, c, bits) : decided(w, group, c);
}

/* All heads of a row, by looking at its edges in order. */
static void scan(World *w, int64_t group, int32_t row)
{
    const Group *g = &w->p->groups[group];
    Part *q = &w->parts[group];
    int64_t bits = bits_of(&q->targets, row);
    int first = g->heads == 1 && w->p->heads[g->head].shape == NO_KEY && !w->p->heads[g->head].total;
    int kept = q->eager && !bits && !q->sources.count;      /* the masks of the classes are up to date */
    clear(w, g);
    for (int32_t e = q->into[row]; e < q->into[row + 1]; e++) {
        int32_t mask = kept ? w->classes[w->class_of[unit_of(w, q, e)]].mask : mask_of(w, group, e, bits);
        if (!mask) continue;
        offer(w, g, e, mask);
        if (first) return;
    }
}

/* Does a class hold edges whose ends the hub does not point at? */
static int has_others(World *w, Part *q, int32_t c)
{
    int64_t most = 0;                       /* units of edges that it points at, at most */
    for (int i = 0; i < q->sources.count; i++)
        most += q->by_source ? 1 : q->from[q->sources.rows[i] + 1] - q->from[q->sources.rows[i]];
    for (int i = 0; i < q->targets.count; i++) most += q->into[q->targets.rows[i] + 1] - q->into[q->targets.rows[i]];
    if (w->classes[c].count > most) return 1;
    for (int32_t u = w->classes[c].first; u >= 0; u = next_of(q, u)) {
        int64_t at = u - q->unit;
        int64_t i = q->by_source ? q->from[at] : q->start + at, end = q->by_source ? q->from[at + 1] : i + 1;
        for (; i < end; i++) {
            int32_t e = q->by_source ? q->by_source_list[i] : (int32_t)i;
            if (!bits_of(&q->sources, w->source[e]) && !bits_of(&q->targets, w->target[e])) return 1;
        }
    }
    return 0;
}

/* Of a class that a receiver's heap holds, the least edge from where the hub does not point; -1 for none. */
static int32_t top(World *w, int64_t group, int32_t row, int32_t c, int64_t head, double *top_key)
{
    const Head *h = &w->p->heads[head];
    Part *q = &w->parts[group];
    Heap *x = heap_at(w, group, row, c, head);
    if (!x->keys) {
        w->heap_count++;
        fill(w, group, row, c, h, x);
    }
    int64_t asides = 0;
    int32_t found = -1;
    while (x->size) {
        int32_t e = x->edges[0];
        double key = x->keys[0];
        if (w->class_of[unit_of(w, q, e)] != c || key_of(w, h, e) != key) { pop(x); continue; }
        if (!bits_of(&q->sources, w->source[e])) { found = e, *top_key = key; break; }
        if (!asides || w->aside[asides - 1] != e) {
            int64_t room = w->aside_room;
            w->aside = grown(w, w->aside, &room, asides + 1, sizeof *w->aside);
            w->aside_keys = grown(w, w->aside_keys, &w->aside_room, asides + 1, sizeof *w->aside_keys);
            w->aside[asides] = e, w->aside_keys[asides++] = key;
        }
        pop(x);
    }
    while (asides--) push(w, x, w->aside_keys[asides], w->aside[asides]);
    return found;
}

/* One head of a row of many edges, by its heaps. A class is asked about where it has such an edge. */
static void least(World *w, int64_t group, int32_t row, int64_t head)
{
    const Head *h = &w->p->heads[head];
    Part *q = &w->parts[group];
    int64_t bits = bits_of(&q->targets, row);
    int32_t best = -1;
    double best_key = 0.0;
    for (int64_t i = 0; i < q->lives; i++) {
        int32_t c = q->live[i], count = w->classes[c].count, e = -1;
        double key = 0.0;
        if (q->only_hub)                    /* all edges come here: counting is enough */
            for (int j = 0; j < q->sources.count; j++) count -= w->class_of[q->unit + q->sources.rows[j]] == c;
        else if (count) {
            e = top(w, group, row, c, head, &key);
            if (e < 0) continue;
        }
        if (!count) continue;
        int32_t mask = bits ? pointed_at(w, group, c, bits) : decided(w, group, c);
        if (!(mask >> h->bit & 1)) continue;
        if (q->only_hub) e = top(w, group, row, c, head, &key);
        if (best < 0 || before(key, e, best_key, best)) best = e, best_key = key;
    }
    for (int i = 0; i < q->sources.count; i++) {             /* edges from where the hub points */
        int32_t a = q->into[row], b = q->into[row + 1];
        while (a < b) {
            int32_t m = a + (b - a) / 2;
            if (w->source[m] < q->sources.rows[i]) a = m + 1; else b = m;
        }
        for (; a < q->into[row + 1] && w->source[a] == q->sources.rows[i]; a++) {
            if (!(mask_of(w, group, a, bits) >> h->bit & 1)) continue;
            double key = key_of(w, h, a);
            if (best < 0 || before(key, a, best_key, best)) best = a, best_key = key;
        }
    }
    w->best[head] = best, w->best_key[head] = best_key;
}

/* Select anew for one row. */
static void pull(World *w, int64_t group, int32_t row)
{
    const Group *g = &w->p->groups[group];
    int heavy = w->parts[group].owner && w->parts[group].owner[row] >= 0;
    for (int64_t h = g->head; heavy && h < g->head + g->heads; h++) heavy = !w->p->heads[h].scan;
    if (!heavy) scan(w, group, row);
    else for (int64_t h = g->head; h < g->head + g->heads; h++) least(w, group, row, h);
    settle(w, g, row);
}

/* A row's selection is asked for: where it is not kept up to date, it is found now, once in a tick. */
static void ask(World *w, int32_t row, int64_t head)
{
    int64_t group = w->p->heads[head].group;
    const Group *g = &w->p->groups[group];
    Part *q = &w->parts[group];
    if (q->eager || !q->units) return;
    if (q->asked != w->stamp) prepare(w, group), q->asked = w->stamp;
    int64_t at = row * w->p->head_count + head;
    if (w->fresh[at] == w->stamp) return;
    if (q->owner && q->owner[row] >= 0 && !w->p->heads[head].scan) {
        w->fresh[at] = w->stamp;
        least(w, group, row, head);
        w->selected[at] = w->best[head];
        return;
    }
    for (int64_t h = g->head; h < g->head + g->heads; h++) w->fresh[at - head + h] = w->stamp;
    scan(w, group, row);
    settle(w, g, row);
}

/* Renew the kept parts of what is dirty. */
static void refresh(World *w, int64_t group)
{
    const Group *g = &w->p->groups[group];
    Part *q = &w->parts[group];
    int edges = g->relation >= 0;
    int32_t last = -1;                      /* the class found last: many move together */
    q->moveds = 0;
    if (g->always) for (int64_t u = q->unit; u < q->unit + q->units; u++) mark(w, q, u);
    w->work += q->dirties;
    for (int64_t i = 0; i < q->dirties; i++) {
        int32_t u = q->dirty[i], row = -1, edge = -1;
        int64_t at = u - q->unit;
        w->is_dirty[u] = 0;
        if (!edges) row = (int32_t)(q->start + at);
        else if (!q->by_source) edge = (int32_t)(q->start + at);
        else if (q->from[at] == q->from[at + 1]) continue;
        else if (g->by_source) row = (int32_t)at;
        else edge = q->by_source_list[q->from[at]];
        int64_t code = code_of(w, row, edge, g->own, g->owns);
        int32_t old = w->class_of[u];
        if (old >= 0 && w->classes[old].code == code) continue;
        if (last < 0 || w->classes[last].code != code) last = class_with(w, group, code);
        int32_t c = last;
        if (edges && q->eager) {
            q->moved_mask[q->moveds] = old >= 0 ? w->classes[old].mask : 0;
            q->moved[q->moveds++] = u;
        }
        move(w, group, u, c);
        if (edges && w->heap_count && q->owner) renew_unit(w, group, u);
    }
    q->dirties = 0;
}

/* What all contexts of a group have in common in this tick, and the kept parts of what is dirty. */
static void prepare(World *w, int64_t group)
{
    Part *q = &w->parts[group];
    q->part = code_of(w, (int32_t)w->hub, -1, q->look->hub, q->look->hubs);
    find_pointed(w, group);
    refresh(w, group);
}

/* The hub points elsewhere: whoever selects among edges from there, or into there; `last` becomes what is `now`. */
static void stale_marked(World *w, Part *q, Marks *last, Marks *now, int are_sources)
{
    Marks *both[] = {last, now};
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < both[k]->count; i++) {
            int32_t row = both[k]->rows[i];
            if (!are_sources) { stale(q, row); continue; }
            for (int32_t j = q->from[row]; j < q->from[row + 1]; j++) stale(q, w->target[q->by_source_list[j]]);
        }
    for (int i = 0; i < now->count; i++) last->rows[i] = now->rows[i], last->bits[i] = now->bits[i];
    last->count = now->count;
}

/* Where only edges from the one row that the hub points at may be selected. */
static void select_from(World *w, int64_t group)
{
    const Group *g = &w->p->groups[group];
    Part *q = &w->parts[group];
    int32_t row = q->sources.rows[0], i = q->from[row], end = q->from[row + 1];
    while (i < end) {
        int32_t to = w->target[q->by_source_list[i]];
        if (!q->is_stale[to]) { i++; continue; }
        clear(w, g);
        for (; i < end && w->target[q->by_source_list[i]] == to; i++) {
            int32_t mask = mask_of(w, group, q->by_source_list[i], 0);
            if (mask) offer(w, g, q->by_source_list[i], mask);
        }
        settle(w, g, to);
        q->is_stale[to] = 0;
    }
}

/* Edges that may be selected, or may not any more: their receivers keep the least, or look at all again. */
static void offer_unit(World *w, int64_t group, int32_t u, int32_t mask)
{
    const Group *g = &w->p->groups[group];
    Part *q = &w->parts[group];
    int64_t at = u - q->unit;
    int64_t i = q->by_source ? q->from[at] : q->start + at, end = q->by_source ? q->from[at + 1] : i + 1;
    w->work += end - i;
    for (; i < end; i++) {
        int32_t e = q->by_source ? q->by_source_list[i] : (int32_t)i, to = w->target[e];
        int32_t *selected = w->selected + to * w->p->head_count;
        for (int64_t h = g->head; h < g->head + g->heads && !q->is_stale[to]; h++) {
            const Head *x = &w->p->heads[h];
            int32_t now = selected[h];
            if (!(mask >> x->bit & 1)) {
                if (now == e) stale(q, to);
            } else if (now < 0 || (x->shape == NO_KEY ? e < now : e != now && before(key_of(w, x, e), e, key_of(w, x, now), now))) {
                selected[h] = e;
                if (x->readers) reread(w, h, to);
            }
        }
    }
}

/* Bring the selections of all rows along an eager relation up to date. */
static void select_all(World *w, int64_t group)
{
    const Group *g = &w->p->groups[group];
    Part *q = &w->parts[group];
    int quiet = !q->totals && !q->sources.count && !q->targets.count && !q->last_sources.count && !q->last_targets.count;
    int32_t active = 0;
    for (int64_t i = q->lives; i-- > 0;) {
        int32_t c = q->live[i], mask = w->classes[c].count && has_others(w, q, c) ? decided(w, group, c) : 0;
        active |= mask;
        if (mask != w->classes[c].mask) {
            w->classes[c].mask = mask, w->classes[c].changed = w->stamp;
            for (int32_t u = w->classes[c].first; u >= 0; u = next_of(q, u))
                if (quiet) offer_unit(w, group, u, mask); else stale_unit(w, q, u);
        }
        if (!w->classes[c].count) leave(w, group, c);
    }
    for (int64_t i = 0; i < q->moveds; i++) {
        const Class *c = &w->classes[w->class_of[q->moved[i]]];
        if (c->changed == w->stamp || !(q->moved_mask[i] | c->mask)) continue;
        if (quiet) offer_unit(w, group, q->moved[i], c->mask); else stale_unit(w, q, q->moved[i]);
    }
    if (q->moveds || q->part != q->last_part || !same(&q->sources, &q->last_sources)
        || !same(&q->targets, &q->last_targets)) {
        stale_marked(w, q, &q->last_sources, &q->sources, 1);
        stale_marked(w, q, &q->last_targets, &q->targets, 0);
        q->last_part = q->part;
    }
    w->work += q->stales;
    if (!active && !q->targets.count && q->sources.count <= 1) {
        if (q->sources.count) select_from(w, group);
        clear(w, g);
        for (int64_t i = 0; i < q->stales; i++)
            if (q->is_stale[q->stale[i]]) {
                settle(w, g, q->stale[i]);
                q->is_stale[q->stale[i]] = 0;
            }
    } else
        for (int64_t i = 0; i < q->stales; i++) {
            q->is_stale[q->stale[i]] = 0;
            pull(w, group, q->stale[i]);
        }
    q->stales = 0;
}

/* ------------------------------------------------------------------ gradients: what a written value is made of */
typedef struct { double value; int count; Term terms[MOST_TERMS]; } Dual;

static void add_term(Dual *x, Term t)
{
    for (int i = 0; i < x->count; i++)
        if (x->terms[i].version == t.version) { x->terms[i].factor += t.factor; return; }
    x->terms[x->count++] = t;
}

static int64_t version_of(World *w, int32_t row, const Item *x)
{
    const Program *p = w->p;
    if (x->kind == SCALAR) return w->versions[scalar_at(w, x->argument, walk(w, row, -1, x->path, x->steps))];
    if (x->kind != COST) return 0;
    return w->weight_versions[w->selected[walk(w, row, -1, x->path, x->steps) * p->head_count + x->argument]];
}

/* The version of an expression's value: 0 a constant, an operand's own where it is a copy, else a new one. */
static int64_t version(World *w, int32_t row, int64_t first, int64_t size)
{
    Dual stack[DEPTH];
    int top = 0, is_product = 0;
    for (const Item *x = w->p->items + first, *end = x + size; x < end; x++) {
        if (x->kind < ADD) {
            int64_t of = version_of(w, row, x);
            stack[top].value = leaf(w, row, -1, x);
            stack[top].count = of != 0;
            stack[top++].terms[0] = (Term){of, 1.0};
            continue;
        }
        Dual *a = &stack[top - 1];
        if (x->kind == ABS) {
            double sign = a->value > 0 ? 1.0 : a->value < 0 ? -1.0 : 0.0;
            for (int i = 0; i < a->count; i++) a->terms[i].factor *= sign;
            a->value = fabs(a->value);
            continue;
        }
        Dual *b = a--;
        top--;
        if (x->kind == MIN || x->kind == MAX) {
            int second = x->kind == MIN ? !(a->value <= b->value) : !(a->value >= b->value);
            double v = combined(x->kind, a->value, b->value);
            if (second) *a = *b;
            a->value = v;
            continue;
        }
        if (x->kind == MUL) {
            is_product |= a->count && b->count;
            for (int i = 0; i < a->count; i++) a->terms[i].factor *= b->value;
            for (int i = 0; i < b->count; i++) b->terms[i].factor *= a->value;
        }
        for (int i = 0; i < b->count; i++)
            add_term(a, (Term){b->terms[i].version, x->kind == SUB ? -b->terms[i].factor : b->terms[i].factor});
        a->value = combined(x->kind, a->value, b->value);
    }
    if (!stack[0].count) return 0;
    if (stack[0].count == 1 && stack[0].terms[0].factor == 1.0 && !is_product) return stack[0].terms[0].version;
    w->terms = grown(w, w->terms, &w->term_room, w->term_count + stack[0].count, sizeof *w->terms);
    memcpy(w->terms + w->term_count, stack[0].terms, (size_t)stack[0].count * sizeof(Term));
    w->term_count += stack[0].count;
    int64_t room = w->version_room;
    w->term_ends = grown(w, w->term_ends, &room, w->version_count + 1, sizeof *w->term_ends);
    w->products = grown(w, w->products, &w->version_room, w->version_count + 1, sizeof *w->products);
    w->products[w->version_count] = (uint8_t)is_product;
    w->term_ends[w->version_count] = w->term_count;
    return w->r->inputs + ++w->version_count;
}

/* ------------------------------------------------------------------ rows */
/* The writes of a decision, on the state as it is. */
static void act(World *w, int32_t row, int32_t d)
{
    for (int64_t i = w->a->first[d]; i < w->a->first[d + 1]; i++) {
        const Operation *o = &w->p->operations[w->a->writes[i]];
        if (w->write_count == w->write_room)
            w->writes = grown(w, w->writes, &w->write_room, w->write_count + 1, sizeof *w->writes);
        Write x = {row, (int32_t)o->to, {0}};
        if (o->kind == VALUE) {
            double v = value(w, row, -1, o->a, o->a_size);
            x.reg = -1 - x.reg;
            x.value.d = v != v ? NAN : v + 0.0;
            if (w->versions) {
                w->write_versions = grown(w, w->write_versions, &w->write_version_room, w->write_count + 1,
                                          sizeof *w->write_versions);
                w->write_versions[w->write_count] = version(w, row, o->a, o->a_size);
            }
        } else
            x.value.i = o->kind == CONSTANT ? (int32_t)o->a : walk(w, row, -1, o->a, o->a_size);
        w->writes[w->write_count++] = x;
    }
}

static void decide(World *w, int64_t group)
{
    Part *q = &w->parts[group];
    for (int64_t i = q->lives; i-- > 0;) {
        int32_t c = q->live[i], count = w->classes[c].count;
        if (!count) { leave(w, group, c); continue; }
        for (int j = 0; j < q->rows.count; j++) count -= w->class_of[q->unit + q->rows.rows[j] - q->start] == c;
        if (!count) continue;
        int32_t d = decided(w, group, c);
        if (!d) continue;
        for (int32_t u = w->classes[c].first; u >= 0; u = next_of(q, u)) {
            int32_t row = (int32_t)(q->start + u - q->unit);
            if (!q->rows.count || !bits_of(&q->rows, row)) act(w, row, d);
        }
    }
    for (int j = 0; j < q->rows.count; j++) {
        int32_t c = w->class_of[q->unit + q->rows.rows[j] - q->start];
        int32_t d = pointed_at(w, group, c, q->rows.bits[j]);
        if (d) act(w, q->rows.rows[j], d);
    }
}

/* ------------------------------------------------------------------ writes, and who sees them */
/* A key of an edge was written: is it the least now, or does its receiver have to look at all again? */
static void compare(World *w, int64_t group, int64_t head, int32_t edge, int less)
{
    Part *q = &w->parts[group];
    int32_t row = w->target[edge], c = w->class_of[unit_of(w, q, edge)];
    if (q->is_stale[row]) return;
    if (c < 0) { stale(q, row); return; }
    if (!w->classes[c].mask) return;
    int64_t at = row * w->p->head_count + head;
    int32_t now = w->selected[at];
    if (now == edge && less) return;
    if (now < 0 || now == edge) { stale(q, row); return; }
    const Head *h = &w->p->heads[head];
    if (before(key_of(w, h, edge), edge, key_of(w, h, now), now)) {
        w->selected[at] = edge;
        if (h->readers) reread(w, head, row);
    }
}

static void key_written(World *w, int64_t group, int64_t head, int32_t row, int less)
{
    const Group *g = &w->p->groups[group];
    const Head *h = &w->p->heads[head];
    Part *q = &w->parts[group];
    if (!q->eager && !(w->heap_count && q->owner)) return;
    int quick = g->heads == 1 && h->shape != KEY_ANY && !h->total && !q->sources.count && !q->targets.count;
    for (int32_t j = q->from[row]; j < q->from[row + 1]; j++) {
        int32_t e = q->by_source_list[j], to = w->target[e];
        int heavy = q->owner && q->owner[to] >= 0;
        if (heavy) {
            int32_t c = w->class_of[unit_of(w, q, e)];
            if (c >= 0) renew(w, group, to, c, head, e);
        }
        if (!q->eager) continue;
        if (quick && !heavy) compare(w, group, head, e, less);
        else stale(q, to);
    }
}

static void seen(World *w, const Dependent *x, const Dependent *end, int32_t row, int less)
{
    const int64_t heads = w->p->head_count;
    for (; x < end; x++) {
        Part *q = &w->parts[x->group];
        if (!q->units) continue;
        switch (x->action) {
        case SEEN_HERE: mark_row(w, q, row); break;
        case SEEN_BY_ALL:
            if (row == w->hub) for (int64_t u = q->unit; u < q->unit + q->units; u++) mark(w, q, u);
            break;
        case SEEN_BY_POINTER: {
            const int64_t at = x->argument * w->rows;
            for (int32_t r = w->holders[at + row]; r >= 0; r = w->next_holder[at + r]) mark_row(w, q, r);
            break;
        }
        case SEEN_BY_SELECTION: {
            Part *along = &w->parts[w->p->heads[x->argument].group];
            for (int32_t j = along->from[row]; j < along->from[row + 1]; j++) {
                int32_t e = along->by_source_list[j], to = w->target[e];
                if (w->selected[to * heads + x->argument] == e) mark_row(w, q, to);
            }
            break;
        }
        case SEEN_FROM_SOURCE:
            if (q->by_source) mark(w, q, q->unit + row);
            else for (int32_t j = q->from[row]; j < q->from[row + 1]; j++)
                mark(w, q, unit_of(w, q, q->by_source_list[j]));
            break;
        case SEEN_FROM_TARGET:
            for (int32_t e = q->into[row]; e < q->into[row + 1]; e++) mark(w, q, unit_of(w, q, e));
            break;
        case KEY_OF_SOURCE: key_written(w, x->group, x->argument, row, less); break;
        case KEY_OF_TARGET:
            if (q->eager && q->into[row] < q->into[row + 1]) stale(q, row);
            break;
        default:
            if (q->eager && row == w->hub)
                for (int32_t d = 0; d < w->rows; d++) if (q->into[d] < q->into[d + 1]) stale(q, d);
        }
    }
}

static void link(World *w, int64_t list, int32_t row, int32_t to)
{
    int64_t at = list * w->rows;
    int32_t b = w->holders[at + to];
    w->next_holder[at + row] = b, w->previous_holder[at + row] = -1;
    if (b >= 0) w->previous_holder[at + b] = row;
    w->holders[at + to] = row;
}

static void unlink_from(World *w, int64_t list, int32_t row, int32_t to)
{
    int64_t at = list * w->rows;
    int32_t a = w->previous_holder[at + row], b = w->next_holder[at + row];
    if (a >= 0) w->next_holder[at + a] = b; else w->holders[at + to] = b;
    if (b >= 0) w->previous_holder[at + b] = a;
}

static void log_write(World *w, Logged x)
{
    w->log = grown(w, w->log, &w->log_room, w->log_count + 1, sizeof *w->log);
    w->log[w->log_count++] = x;
}

static void commit(World *w)
{
    const Program *p = w->p;
    w->work += w->write_count;
    for (int64_t i = 0; i < w->write_count; i++) {
        const Write *x = &w->writes[i];
        int32_t row = x->row;
        if (x->reg >= 0) {
            int32_t *at = int_at(w, x->reg, row), old = *at, new = x->value.i;
            if (old == new) continue;
            *at = new;
            if (w->r->log) log_write(w, (Logged){row, x->reg, {.i = new}});
            int64_t list = p->track[x->reg];
            if (list >= 0) {
                if (old >= 0) unlink_from(w, list, row, old);
                if (new >= 0) link(w, list, row, new);
            }
            seen(w, p->dependents + p->of_int[x->reg], p->dependents + p->of_int[x->reg + 1], row, 0);
        } else {
            int32_t reg = -1 - x->reg;
            int64_t place = scalar_at(w, reg, row);
            double old = w->scalars[place], new = x->value.d;
            if (w->versions) w->versions[place] = w->write_versions[i];
            if (old == new || (old != old && new != new)) continue;
            w->scalars[place] = new;
            if (w->r->log) log_write(w, (Logged){row, x->reg, {.d = new}});
            seen(w, p->dependents + p->of_scalar[reg], p->dependents + p->of_scalar[reg + 1], row, new < old);
        }
    }
    w->write_count = 0;
    if (w->r->log) {
        w->log_ends = grown(w, w->log_ends, &w->log_tick_room, w->log_ticks + 1, sizeof *w->log_ends);
        w->log_ends[w->log_ticks++] = w->log_count;
    }
}

/* ------------------------------------------------------------------ a run */
/* All that is kept, from the state alone. */
static void begin(World *w)
{
    const Program *p = w->p;
    const int64_t heads = p->head_count;
    memset(w->table, 0, (size_t)(w->table_mask + 1) * sizeof *w->table);
    w->class_count = 0, w->write_count = 0, w->heap_count = 0;
    for (int64_t i = 0; i < w->owner_count; i++)
        for (int64_t j = 0; j < w->owners[i].count; j++) {
            free(w->owners[i].heaps[j].keys), free(w->owners[i].heaps[j].edges);
            w->owners[i].heaps[j] = (Heap){0};
        }
    for (int64_t i = -heads; i < w->rows * heads; i++) w->selected[i] = -1;
    for (int64_t h = 0; h < heads; h++)     /* memory that is not written is not held */
        for (int64_t row = -1; p->heads[h].total && row < w->rows; row++) w->totals[row * heads + h] = 0.0;
    for (int64_t k = 0; k < p->group_count; k++) {
        Part *q = &w->parts[k];
        q->lives = 0, q->ranks = 0, q->dirties = 0, q->stales = 0, q->moveds = 0, q->last_part = -1, q->asked = 0;
        q->rows.count = q->sources.count = q->targets.count = q->last_sources.count = q->last_targets.count = 0;
        if (q->is_stale) memset(q->is_stale, 0, (size_t)w->rows);
        for (int64_t u = q->unit; u < q->unit + q->units; u++) {
            w->class_of[u] = -1, w->is_dirty[u] = 1;
            q->dirty[q->dirties++] = (int32_t)u;
        }
    }
    for (int64_t t = 0; t < p->tracked_count; t++) {
        for (int32_t row = 0; row < w->rows; row++) w->holders[t * w->rows + row] = -1;
        for (int32_t row = 0; row < w->rows; row++) {
            int32_t to = *int_at(w, p->tracked[t], row);
            if (to >= 0) link(w, t, row, to);
        }
    }
}

/* Do all rows see the same, and keep all? Then what is dirty waits. */
static int all_keep(World *w, int64_t group)
{
    const Look *look = w->parts[group].look;
    if (look->pointeds || look->hiddens < w->p->groups[group].owns) return 0;
    return !decision(w, group, code_of(w, (int32_t)w->hub, -1, look->hub, look->hubs));
}

static void tick(World *w)
{
    const Program *p = w->p;
    if (!++w->stamp) {                      /* after four milliards of ticks */
        memset(w->fresh - p->head_count, 0, (size_t)((w->rows + 1) * p->head_count) * sizeof *w->fresh);
        for (int64_t k = 0; k < p->group_count; k++) w->parts[k].asked = 0;
        for (int64_t c = 0; c < w->class_count; c++) w->classes[c].changed = 0;
        w->stamp = 1;
    }
    int32_t phase = w->ints[w->hub];
    if (phase != w->phase)
        for (int64_t k = 0; k < p->group_count; k++) w->parts[k].look = &p->looks[k * p->phases + phase];
    w->phase = phase;
    for (int64_t k = 0; k < p->group_count; k++) {
        if (!w->parts[k].eager || !w->parts[k].units) continue;
        prepare(w, k);
        select_all(w, k);
    }
    if (w->lacking) return;                 /* rows' contexts hang on what is selected */
    for (int64_t k = 0; k < p->group_count; k++) {
        if (p->groups[k].relation >= 0 || k == p->hub_group || !w->parts[k].units || all_keep(w, k)) continue;
        prepare(w, k);
        decide(w, k);
    }
    const Look *look = w->parts[p->hub_group].look;
    int64_t code = code_of(w, (int32_t)w->hub, -1, look->hub, look->hubs);
    if (w->lacking) return;
    int32_t d = decision(w, p->hub_group, code);
    if (d) act(w, (int32_t)w->hub, d);
    if (w->lacking) return;
    commit(w);
}

static int64_t run_one(World *w)
{
    Run *r = w->r;
    int64_t i = r->index;
    w->ints = r->ints + i * (w->rows + 1) * w->p->ints;
    w->scalars = r->scalars + i * (w->rows + 1) * w->p->scalars;
    w->weights = r->weights + i * r->weight_stride;
    w->versions = r->versions ? r->versions + i * (w->rows + 1) * w->p->scalars : NULL;
    w->weight_versions = r->versions ? r->weight_versions + i * r->weight_stride : NULL;
    const int32_t *phase = w->ints + w->hub;
    if (r->begin && *phase != w->p->halt && r->ticks[i] < r->caps[i]) begin(w), r->begin = 0;
    while (*phase != w->p->halt && r->ticks[i] < r->caps[i]) {
        if (w->work > r->budget || r->ticks[i] == r->stop) return AGAIN;
        tick(w);
        if (w->lacking) return UNKNOWN;
        r->ticks[i]++;
        w->work += 4;
    }
    return DONE;
}

API int64_t run_many(World *w, const Answers *a, Run *r)
{
    w->r = r, w->work = 0;
    if (setjmp(w->failed)) return NO_MEMORY;
    for (; r->index < r->count; r->index++, r->begin = 1) {
        w->a = r->each ? a + r->index % r->each : a, w->lacking = 0;
        int64_t status = run_one(w);
        if (status == UNKNOWN) r->begin = 1, w->write_count = 0;
        if (status == AGAIN || (status == UNKNOWN && !r->each)) return status;
    }
    r->index = 0;
    return r->unknowns ? UNKNOWN : DONE;
}

/* ------------------------------------------------------------------ a world: one program on one layout */
static void by_source(World *w, Part *q)
{
    int64_t n = w->rows;
    q->from = make(w, n + 2, sizeof *q->from);
    q->by_source_list = make(w, q->stop - q->start, sizeof *q->by_source_list);
    int32_t *count = q->from + 1;
    for (int64_t e = q->start; e < q->stop; e++) count[w->source[e] + 1]++;
    for (int64_t i = 0; i < n; i++) count[i + 1] += count[i];
    for (int64_t e = q->start; e < q->stop; e++) q->by_source_list[count[w->source[e]]++] = (int32_t)e;
}

static void lay_part(World *w, int64_t k)
{
    const Group *g = &w->p->groups[k];
    const Layout *l = w->l;
    Part *q = &w->parts[k];
    int64_t n = w->rows;
    if (g->relation < 0) {
        if (k == w->p->hub_group) return;   /* looked at in every tick */
        q->start = l->kind_start[g->kind], q->stop = l->kind_start[g->kind + 1];
        q->units = q->stop - q->start;
    } else {
        q->start = l->edge_start[g->relation], q->stop = l->edge_start[g->relation + 1] - 1;
        q->into = l->into + g->relation * (n + 1);
        by_source(w, q);
        q->only_hub = q->stop > q->start && q->into[l->hub + 1] - q->into[l->hub] == q->stop - q->start;
        for (int64_t i = 0; i < n && q->only_hub; i++) q->only_hub = q->from[i + 1] - q->from[i] <= 1;
        q->by_source = g->by_source || q->only_hub;
        q->eager = g->eager && !q->only_hub;
        for (int64_t h = g->head; h < g->head + g->heads; h++) q->totals |= w->p->heads[h].total != 0;
        q->units = q->stop == q->start ? 0 : q->by_source ? n : q->stop - q->start;
        int64_t owners = w->owner_count;
        for (int32_t d = 0; d < n; d++)
            if (q->into[d + 1] - q->into[d] > HEAVY) {
                if (!q->owner) {
                    q->owner = make(w, n, sizeof *q->owner);
                    memset(q->owner, 255, (size_t)n * sizeof *q->owner);
                }
                q->owner[d] = (int32_t)owners++;
            }
        w->owner_count = owners;
        if (q->eager) {
            q->is_stale = make(w, n, 1);
            q->stale = make(w, n, sizeof *q->stale);
            q->moved = make(w, q->units, sizeof *q->moved);
            q->moved_mask = make(w, q->units, sizeof *q->moved_mask);
        }
    }
    q->dirty = make(w, q->units, sizeof *q->dirty);
    if (g->relation < 0 || q->eager) q->links = make(w, q->units, sizeof *q->links);
    q->unit = w->unit_count;
    w->unit_count += q->units;
    Marks *marks[] = {&q->rows, &q->sources, &q->targets, &q->last_sources, &q->last_targets};
    for (int i = 0; i < 5; i++) {
        marks[i]->rows = make(w, g->pointeds, sizeof(int32_t));
        marks[i]->bits = make(w, g->pointeds, sizeof(int64_t));
    }
}

API void world_free(World *w)
{
    if (!w) return;
    for (int64_t k = 0; w->parts && k < w->p->group_count; k++) {
        Part *q = &w->parts[k];
        void *all[] = {q->live, q->dirty, q->links, q->stale, q->is_stale, q->moved, q->moved_mask, q->from, q->by_source_list,
                       q->owner, q->rows.rows, q->rows.bits, q->sources.rows, q->sources.bits, q->targets.rows,
                       q->targets.bits, q->last_sources.rows, q->last_sources.bits, q->last_targets.rows,
                       q->last_targets.bits};
        for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    }
    for (int64_t i = 0; w->owners && i < w->owner_count; i++) {
        for (int64_t j = 0; j < w->owners[i].count; j++)
            free(w->owners[i].heaps[j].keys), free(w->owners[i].heaps[j].edges);
        free(w->owners[i].heaps);
    }
    int64_t heads = w->p->head_count;
    void *all[] = {w->parts, w->owners, w->selected ? w->selected - heads : NULL, w->totals ? w->totals - heads : NULL,
                   w->fresh ? w->fresh - heads : NULL, w->classes, w->table, w->class_of,
                   w->is_dirty, w->holders, w->next_holder, w->previous_holder, w->best, w->best_key, w->writes,
                   w->write_versions, w->aside, w->aside_keys, w->log, w->log_ends, w->terms, w->term_ends, w->products};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    free(w);
}

/* What is free goes back to the system, where the C library would keep it. */
API void give_back(void)
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

static int lay(World *w)
{
    const Program *p = w->p;
    int64_t n = w->rows, heads = p->head_count;
    if (setjmp(w->failed)) return 0;
    w->phase = -1;
    w->parts = make(w, p->group_count, sizeof *w->parts);
    for (int64_t k = 0; k < p->group_count; k++) lay_part(w, k);
    w->owners = make(w, w->owner_count, sizeof *w->owners);
    w->selected = (int32_t *)make(w, (n + 1) * heads, sizeof *w->selected) + heads;
    w->totals = (double *)make(w, (n + 1) * heads, sizeof *w->totals) + heads;
    w->fresh = (uint32_t *)make(w, (n + 1) * heads, sizeof *w->fresh) + heads;
    w->table = make(w, 64, sizeof *w->table), w->table_mask = 63;
    w->class_of = make(w, w->unit_count, sizeof *w->class_of);
    w->is_dirty = make(w, w->unit_count, 1);
    w->holders = make(w, p->tracked_count * n, sizeof *w->holders);
    w->next_holder = make(w, p->tracked_count * n, sizeof *w->next_holder);
    w->previous_holder = make(w, p->tracked_count * n, sizeof *w->previous_holder);
    w->best = make(w, heads, sizeof *w->best);
    w->best_key = make(w, heads, sizeof *w->best_key);
    return 1;
}

/* NULL where memory is short. The program and the layout have to stay. */
API World *world_new(const Program *p, const Layout *l)
{
    World *w = calloc(1, sizeof *w);
    if (!w) return NULL;
    w->p = p, w->l = l, w->rows = l->rows, w->hub = l->hub, w->source = l->source, w->target = l->target;
    if (lay(w)) return w;
    world_free(w);
    return NULL;
}

/* The writes of all ticks since the world was made or forgot: ends[t] is where tick t's end. */
API int64_t world_log(World *w, const Logged **log, const int64_t **ends, int64_t *ticks)
{
    *log = w->log, *ends = w->log_ends, *ticks = w->log_ticks;
    return w->log_count;
}

API int64_t world_terms(World *w, const Term **terms, const int64_t **ends, const uint8_t **products)
{
    *terms = w->terms, *ends = w->term_ends, *products = w->products;
    return w->version_count;
}

API void world_forget(World *w) { w->log_count = w->log_ticks = w->term_count = w->version_count = 0; }

/* ------------------------------------------------------------------ laying out */
/* Edges tail -> head, sorted by target, then source, then place; with `both` each leads back as well, after all others,
   a loop but once. into (rows + 1,): where those into each row begin. weight: none, or what goes to `weights`. */
API void lay_edges(int64_t rows, int64_t edges, int64_t both, const int32_t *tail, const int32_t *head,
                   const double *weight, int32_t *source, int32_t *target, double *weights, int32_t *into)
{
    const int32_t *ends[2][2] = {{tail, head}, {head, tail}};        /* source, target; and back */
    int32_t *const order = target;          /* by source, then place: filled in before the targets are */
    int64_t count = 0;
    memset(into, 0, (size_t)(rows + 1) * sizeof *into);
    for (int back = 0; back <= both; back++)
        for (int64_t e = 0; e < edges; e++) into[ends[back][0][e] + 1] += !back || tail[e] != head[e];
    for (int64_t i = 0; i < rows; i++) into[i + 1] += into[i];
    for (int back = 0; back <= both; back++)
        for (int64_t e = 0; e < edges; e++)
            if (!back || tail[e] != head[e]) order[into[ends[back][0][e]]++] = (int32_t)(back ? -1 - e : e), count++;
    memset(into, 0, (size_t)(rows + 1) * sizeof *into);
    for (int back = 0; back <= both; back++)
        for (int64_t e = 0; e < edges; e++) into[ends[back][1][e] + 1] += !back || tail[e] != head[e];
    for (int64_t i = 0; i < rows; i++) into[i + 1] += into[i];
    for (int64_t i = 0; i < count; i++) {
        int back = order[i] < 0;
        int32_t e = back ? -1 - order[i] : order[i], at = into[ends[back][1][e]]++;
        source[at] = ends[back][0][e];
        if (weight) weights[at] = weight[e] != weight[e] ? NAN : weight[e] + 0.0;
    }
    memmove(into + 1, into, (size_t)rows * sizeof *into);
    into[0] = 0;
    for (int64_t i = 0; i < rows; i++) for (int32_t e = into[i]; e < into[i + 1]; e++) target[e] = (int32_t)i;
}

/* ------------------------------------------------------------------ derivatives: one pass over what values are made of */
/* total[v], v counted 0 (constants), inputs, versions: d out / d v; adds what each version hands on to its operands. */
API void pull_back(int64_t inputs, int64_t count, const int32_t *ends, const int32_t *ids, const double *factors, double *total)
{
    for (int64_t v = count; v-- > 0;) {
        double here = total[inputs + 1 + v];
        if (here == 0) continue;
        for (int64_t i = v ? ends[v - 1] : 0; i < ends[v]; i++) total[ids[i]] += here * factors[i];
    }
}

/* wanted[v]: what versions that are wanted are made of is wanted too. */
API void mark_wanted(int64_t inputs, int64_t count, const int64_t *ends, const int64_t *ids, const double *factors, uint8_t *wanted)
{
    for (int64_t v = count; v-- > 0;)
        if (wanted[inputs + 1 + v])
            for (int64_t i = v ? ends[v - 1] : 0; i < ends[v]; i++) if (factors[i] != 0) wanted[ids[i]] = 1;
}

API void push_forward(int64_t inputs, int64_t count, const int32_t *ends, const int32_t *ids, const double *factors, double *total)
{
    for (int64_t v = 0; v < count; v++) {
        double sum = 0;
        for (int64_t i = v ? ends[v - 1] : 0; i < ends[v]; i++)
            if (factors[i] != 0) sum += total[ids[i]] * factors[i];
        total[inputs + 1 + v] = sum;
    }
}

API int32_t kernel_version(void) { return KERNEL_VERSION; }
