/* tap-acme.c
 * Statistics of validations, and a table of what became of each identifier; see tap-acme.h
 *
 * The tree counts each question with its answer once, where it ends. The table has a line an identifier and type of
 * challenge: from how
 * many addresses it was asked, how many got an answer, and how many one that is good. As a public authority does, it lets one
 * perspective fail of two to five remote ones, and two of more; whether this authority does is an assumption.
 *
 * Rows belong to their table; what they are made of belongs to the table as well, and is made anew with it.
 *
 * Copyright 2026, the Gapfill authors
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "config.h"

#include <string.h>

#include <epan/packet.h>
#include <epan/stat_tap_ui.h>
#include <epan/stats_tree.h>
#include <epan/tap.h>
#include <wsutil/bits_ctz.h>
#include <wsutil/str_util.h>

#include "acme-verdict.h"
#include "compat.h"
#include "stat-cells.h"
#include "tap-acme.h"

static int acme_tap = -1;

static void
queue(packet_info *pinfo, const acme_tap_t *event)
{
    acme_tap_t *tapped = (acme_tap_t *)wmem_memdup(pinfo->pool, event, sizeof *event);

    tapped->frame = pinfo->num;
    tapped->later_pass = PINFO_FD_VISITED(pinfo);
    tap_queue_packet(acme_tap, pinfo, tapped);
}

void
tap_acme_queue_validation(packet_info *pinfo, const acme_validation_t *validation, const char *ended)
{
    acme_tap_t event = { .type = validation->challenge->type, .domain = validation->challenge->domain,
        .validation = validation, .ended = ended };

    if (have_tap_listener(acme_tap))
        queue(pinfo, &event);
}

void
tap_acme_queue_word(packet_info *pinfo, uint8_t type, const char *domain, const acme_word_t *word)
{
    acme_tap_t event = { .type = type, .domain = domain, .word = word };

    if (have_tap_listener(acme_tap))
        queue(pinfo, &event);
}

/* --- Tree --- */

static const char *st_outcomes = "Outcomes";
static int st_node_outcomes = -1;

static void
init_tree(stats_tree *st)
{
    st_node_outcomes = stats_tree_create_node(st, st_outcomes, 0, STAT_DT_INT, true);
}

static tap_packet_status
count_in_tree(stats_tree *st, packet_info *pinfo, epan_dissect_t *edt _U_, const void *data, tap_flags_t flags _U_)
{
    const acme_tap_t *event = (const acme_tap_t *)data;
    const char *outcome;
    int node;

    if (!event->validation || !event->ended)
        return TAP_PACKET_DONT_REDRAW;
    outcome = acme_verdict_outcome(event->validation, event->later_pass);
    tick_stat_node(st, st_outcomes, 0, true);
    node = tick_stat_node(st, !outcome ? "undecided" : event->validation->guess ? "doubtful" : outcome, st_node_outcomes, true);
    node = tick_stat_node(st, wmem_strconcat(pinfo->pool, acme_challenge_name(event->type), ": ", event->ended, NULL), node,
            true);
    tick_stat_node(st, event->domain ? event->domain : "unknown", node, false);
    return TAP_PACKET_REDRAW;
}

/* --- Table --- */

typedef enum {
    COLUMN_IDENTIFIER, COLUMN_CHALLENGE, COLUMN_OUTCOME, COLUMN_CAUSE, COLUMN_ASKED, COLUMN_ANSWERED,
    COLUMN_NOT_ANSWERED, COLUMN_GOOD, COLUMN_PROBLEM, COLUMN_FIRST, COLUMN_LAST, COLUMNS
} verdict_column_t;

static stat_tap_table_item columns[COLUMNS] = {
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Identifier",   "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Challenge",    "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Outcome",      "%s" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Cause",        "%s" },
    { TABLE_ITEM_UINT,   TAP_ALIGN_RIGHT, "Asked",        "%u" },
    { TABLE_ITEM_UINT,   TAP_ALIGN_RIGHT, "Answered",     "%u" },
    { TABLE_ITEM_UINT,   TAP_ALIGN_RIGHT, "Not answered", "%u" },
    { TABLE_ITEM_UINT,   TAP_ALIGN_RIGHT, "Good",         "%u" },
    { TABLE_ITEM_STRING, TAP_ALIGN_LEFT,  "Problem",      "%s" },
    { TABLE_ITEM_UINT,   TAP_ALIGN_RIGHT, "First",        "%u" },
    { TABLE_ITEM_UINT,   TAP_ALIGN_RIGHT, "Last",         "%u" },
};

typedef enum {
    PERSPECTIVE_ASKED = 1, PERSPECTIVE_ANSWERED = 2, PERSPECTIVE_GOOD = 4, PERSPECTIVE_BAD = 8, PERSPECTIVE_PROVED = 16,
    PERSPECTIVE_CERTAIN = 32,   /* that it looked at this challenge */
    PERSPECTIVE_STATES = 6
} perspective_t;

/* What a row is made of. */
typedef struct verdict {
    unsigned    row;
    const char *domain;
    uint8_t     type;
    GHashTable *perspectives;   /* acme_place_t -> perspective_t, of its latest question */
    unsigned    counts[PERSPECTIVE_STATES];     /* of them, by bit */
    acme_cause_t cause;         /* the first */
    bool        forbidden;      /* by CAA */
    bool        maybe_forbidden;    /* likewise, if it was asked for this domain */
    bool        guessed;        /* the cause: there is no other */
    const acme_word_t *word;    /* the last */
    uint32_t    first;
    uint32_t    last;
} verdict_t;

static void
free_verdict(void *data)
{
    verdict_t *verdict = (verdict_t *)data;

    g_hash_table_destroy(verdict->perspectives);
    g_free(verdict);
}

/* "type domain" -> verdict_t */
static GHashTable *
index_of(stat_tap_table *table)
{
    return stat_table_index(table, g_str_hash, g_str_equal, g_free, free_verdict);
}

static void
init_verdicts(stat_tap_table_ui *ui)
{
    stat_table_begin(ui, "ACME Verdicts", COLUMNS);
}

static verdict_t *
verdict_of(GHashTable *verdicts, const acme_tap_t *event)
{
    char *key = g_strdup_printf("%u %s", event->type, event->domain ? event->domain : "");
    verdict_t *verdict = (verdict_t *)g_hash_table_lookup(verdicts, key);

    if (verdict) {
        g_free(key);
        return verdict;
    }
    verdict = g_new0(verdict_t, 1);
    verdict->row = g_hash_table_size(verdicts);
    verdict->domain = event->domain;
    verdict->type = event->type;
    verdict->perspectives = g_hash_table_new(g_direct_hash, g_direct_equal);
    verdict->first = event->frame;
    g_hash_table_insert(verdicts, key, verdict);
    return verdict;
}

/* Of a question on its own, it is not known what becomes of it; a redirect that is followed is no end. */
static unsigned
state_of(const acme_tap_t *event)
{
    const acme_validation_t *validation = event->validation;

    if (event->ended && !validation->response_frame && validation->reply == ACME_REPLY_LOST)
        return PERSPECTIVE_ASKED | PERSPECTIVE_ANSWERED;
    if (!event->ended || !validation->response_frame || validation->connection)
        return PERSPECTIVE_ASKED;
    if (acme_verdict_cause(validation, event->later_pass) != ACME_CAUSE_NONE)
        return PERSPECTIVE_ASKED | PERSPECTIVE_ANSWERED | PERSPECTIVE_BAD;
    if (!acme_verdict_is_known(validation, event->later_pass))
        return PERSPECTIVE_ASKED | PERSPECTIVE_ANSWERED;
    return PERSPECTIVE_ASKED | PERSPECTIVE_ANSWERED | PERSPECTIVE_GOOD
        | (validation->check == ACME_CHECK_FITS ? PERSPECTIVE_PROVED : 0);
}

/* The first that is certain; without one, the first guess. */
static void
take_cause(verdict_t *verdict, acme_cause_t cause, bool guess)
{
    if (cause == ACME_CAUSE_NONE || (verdict->cause != ACME_CAUSE_NONE && (guess || !verdict->guessed)))
        return;
    verdict->cause = cause;
    verdict->guessed = guess;
}

static void
count_state(verdict_t *verdict, unsigned before, unsigned now)
{
    for (unsigned bit = 0; bit < PERSPECTIVE_STATES; bit++)
        verdict->counts[bit] += (now >> bit & 1) - (before >> bit & 1);
}

/* A look that may be at another challenge does not replace one that was at this. */
static void
take_look(verdict_t *verdict, const acme_tap_t *event)
{
    const acme_validation_t *validation = event->validation;
    gpointer validator = (gpointer)validation->validator;
    unsigned before = GPOINTER_TO_UINT(g_hash_table_lookup(verdict->perspectives, validator));
    unsigned now = state_of(event) | (validation->guess ? 0 : PERSPECTIVE_CERTAIN);

    if (validation->guess && (before & PERSPECTIVE_CERTAIN))
        return;
    g_hash_table_insert(verdict->perspectives, validator, GUINT_TO_POINTER(now));
    count_state(verdict, before, now);
}

/* What does not count as a perspective's look, such as a question for CAA, can forbid it all the same. */
static void
take_validation(verdict_t *verdict, const acme_tap_t *event)
{
    const acme_validation_t *validation = event->validation;
    acme_cause_t cause = event->ended ? acme_verdict_cause(validation, event->later_pass) : ACME_CAUSE_NONE;
    const acme_word_t *word = acme_authority_word(validation);

    if (validation->counts || (!validation->request_frame && !validation->permission))
        take_look(verdict, event);
    else if (cause == ACME_CAUSE_CAA && validation->guess)
        verdict->maybe_forbidden = true;
    else if (cause == ACME_CAUSE_CAA)
        verdict->forbidden = true;
    take_cause(verdict, cause, validation->guess);
    if (word && (!verdict->word || word->frame > verdict->word->frame))
        verdict->word = word;
}

static unsigned
count_perspectives(const verdict_t *verdict, perspective_t state)
{
    return verdict->counts[ws_ctz(state)];
}

/* Of that many perspectives, one of which is the authority's own, so many may fail. */
static unsigned
allowed_failures(unsigned perspectives)
{
    return perspectives < 3 ? 0 : perspectives < 7 ? 1 : 2;
}

static const char *
outcome_of(const verdict_t *verdict)
{
    unsigned asked = g_hash_table_size(verdict->perspectives);
    unsigned good = count_perspectives(verdict, PERSPECTIVE_GOOD);
    unsigned answered = count_perspectives(verdict, PERSPECTIVE_ANSWERED);
    unsigned bad = count_perspectives(verdict, PERSPECTIVE_BAD);

    if (verdict->word)
        return verdict->word->valid ? "authority says valid" : "authority says invalid";
    if (verdict->forbidden)
        return "invalid";
    if (asked == 0)
        return "-";
    if (answered == 0)
        return "no response";
    if (bad + (asked - answered) > allowed_failures(asked))
        return "invalid";
    if (good == 0)
        return "-";
    return count_perspectives(verdict, PERSPECTIVE_PROVED) == good ? "valid" : "well-formed";
}

/* Whether looks that may have been at another challenge decide. */
static bool
is_guess(const verdict_t *verdict)
{
    return count_perspectives(verdict, PERSPECTIVE_CERTAIN) < g_hash_table_size(verdict->perspectives);
}

/* With the quorum that it rests on, where addresses do not agree: that is an assumption. */
static char *
outcome_text(const verdict_t *verdict)
{
    const char *outcome = outcome_of(verdict);
    unsigned asked = g_hash_table_size(verdict->perspectives);
    unsigned good = count_perspectives(verdict, PERSPECTIVE_GOOD);

    if (verdict->word || verdict->forbidden)
        return g_strdup(outcome);
    if (verdict->maybe_forbidden && strcmp(outcome, "invalid"))
        return g_strdup("invalid, if CAA above was asked for it");
    if (good == 0 || good == asked)
        return g_strconcat(outcome, is_guess(verdict) && strcmp(outcome, "-") ? "?" : "", NULL);
    return g_strdup_printf("%s, if %u of %u may fail", outcome, allowed_failures(asked), asked);
}

static void
fill_row(stat_tap_table_item_type *row, const verdict_t *verdict)
{
    unsigned asked = g_hash_table_size(verdict->perspectives);
    unsigned answered = count_perspectives(verdict, PERSPECTIVE_ANSWERED);
    const char *problem = verdict->word && verdict->word->problem ? verdict->word->problem : "-";

    for (int column = 0; column < COLUMNS; column++)
        row[column].type = columns[column].type;
    row[COLUMN_IDENTIFIER].value.string_value = g_strdup(verdict->domain ? verdict->domain : "-");
    row[COLUMN_CHALLENGE].value.string_value = g_strdup(val_to_str_const(verdict->type, acme_challenge_vals, "-"));
    row[COLUMN_ASKED].value.uint_value = asked;
    row[COLUMN_ANSWERED].value.uint_value = answered;
    row[COLUMN_NOT_ANSWERED].value.uint_value = asked - answered;
    row[COLUMN_GOOD].value.uint_value = count_perspectives(verdict, PERSPECTIVE_GOOD);
    row[COLUMN_OUTCOME].value.string_value = outcome_text(verdict);
    row[COLUMN_CAUSE].value.string_value = verdict->cause == ACME_CAUSE_NONE ? g_strdup("-")
        : g_strconcat(acme_cause_name(verdict->cause), verdict->guessed ? "?" : "", NULL);
    row[COLUMN_PROBLEM].value.string_value = g_strdup(problem);
    row[COLUMN_FIRST].value.uint_value = verdict->first;
    row[COLUMN_LAST].value.uint_value = verdict->last;
}

static tap_packet_status
count_in_table(void *tapdata, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *data, tap_flags_t flags _U_)
{
    stat_data_t *listener = (stat_data_t *)tapdata;
    const acme_tap_t *event = (const acme_tap_t *)data;
    stat_tap_table *table = g_array_index(listener->stat_tap_data->tables, stat_tap_table *, 0);
    verdict_t *verdict = verdict_of(index_of(table), event);
    stat_tap_table_item_type items[COLUMNS] = { 0 };

    if (event->validation)
        take_validation(verdict, event);
    else
        verdict->word = event->word;
    verdict->last = event->frame;
    fill_row(items, verdict);
    stat_cells_set_row(table, verdict->row, COLUMNS, items);
    return TAP_PACKET_REDRAW;
}

static void
reset_verdicts(stat_tap_table *table)
{
    stat_table_reset(table, COLUMNS);
}

/* --- Registration --- */

void
tap_acme_register(void)
{
    static tap_param parameters[] = {
        { PARAM_FILTER, "filter", "Filter", NULL, true }
    };
    static stat_tap_table_ui table = {
        .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
        .title = "ACME Verdicts",
        .tap_name = "acme",
        .cli_string = "acme,verdicts",
        .stat_tap_init_cb = init_verdicts,
        .packet_func = count_in_table,
        .stat_tap_reset_table_cb = reset_verdicts,
        .stat_tap_free_table_item_cb = stat_cell_free,
        .nfields = COLUMNS,
        .fields = columns,
        .nparams = 1,
        .params = parameters,
    };

    acme_tap = register_tap("acme");
    register_stat_tap_table_ui(&table);
}

void
tap_acme_handoff(void)
{
    stats_tree_register_plugin("acme", "acme", "ACME", 0, count_in_tree, init_tree, NULL);
}
