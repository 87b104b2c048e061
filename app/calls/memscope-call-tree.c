/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "memscope-call-tree.h"
#include "memscope-text.h"

/* Of the picture: more without a name is worth a word. */
#define UNNAMED_SHARE .35

/* Trees of several measures are laid out from one set of sums. */
typedef struct
{
  MemscopeSession    *session;
  MemscopeFlameTree  *tree;
  MemscopeFlameFlags  flags;
  MemscopeModuleId   *modules;      /* of each node; 0: none */
  guint8             *call_sites;   /* by node */
} Sums;

struct _MemscopeCallTree
{
  gatomicrefcount   ref_count;

  Sums             *sums;           /* g_atomic_rc_box */
  MemscopeMeasure   measure;
  guint32          *first_child;    /* index into children, one more than nodes */
  guint32          *children;       /* heaviest first */
  guint32          *heights;
  guint8           *colors;
  MemscopeModuleId  legend[MEMSCOPE_CALL_COLORS];
  guint             n_legend;
  gboolean          has_others;
  gboolean          lacks_names;
};

static void
sums_clear (gpointer data)
{
  Sums *sums = data;

  g_clear_object (&sums->session);
  g_clear_pointer (&sums->tree, memscope_flame_tree_free);
  g_clear_pointer (&sums->modules, g_free);
  g_clear_pointer (&sums->call_sites, g_free);
}

static void
find_modules (Sums *sums)
{
  sums->modules = g_new0 (MemscopeModuleId, sums->tree->n_nodes);
  for (guint i = 0; i < sums->tree->n_nodes; i++)
    {
      MemscopeFrame frame;

      if (sums->tree->nodes[i].frame != 0 &&
          memscope_session_get_frame (sums->session, sums->tree->nodes[i].frame, &frame))
        sums->modules[i] = frame.module;
    }
}

static guint64
function_key (MemscopeStringId function,
              MemscopeStringId file)
{
  return (guint64) function << 32 | file;
}

static void
find_call_sites (Sums *sums)
{
  MemscopeSession *session = sums->session;
  guint n_stacks = memscope_session_get_n_stacks (session) + 1;
  guint n_frames = memscope_session_get_n_frames (session) + 1;
  g_autofree guint8 *sites = g_new0 (guint8, n_frames);
  g_autoptr(GHashTable) functions = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  for (MemscopeStackId id = 1; id < n_stacks; id++)
    {
      MemscopeFrameId frame = memscope_session_get_call_site (session, id);
      const MemscopeSymbol *symbols;
      guint n;

      if (frame == 0 || frame >= n_frames || sites[frame])
        continue;

      sites[frame] = TRUE;
      n = memscope_session_get_symbols (session, frame, &symbols);
      for (guint i = 0; i < n; i++)
        {
          guint64 key = function_key (symbols[i].function, symbols[i].file);

          g_hash_table_add (functions, g_memdup2 (&key, sizeof key));
        }
    }

  sums->call_sites = g_new0 (guint8, sums->tree->n_nodes);
  for (guint i = 0; i < sums->tree->n_nodes; i++)
    {
      const MemscopeFlameNode *node = &sums->tree->nodes[i];
      guint64 key = function_key (node->function, node->file);

      if (node->kind == MEMSCOPE_FLAME_FUNCTION)
        sums->call_sites[i] = g_hash_table_contains (functions, &key);
      else if (node->kind == MEMSCOPE_FLAME_FRAME)
        sums->call_sites[i] = node->frame < n_frames && sites[node->frame];
    }
}

/* ---- layout ------------------------------------------------------------ */

static int
compare_weights (gconstpointer a,
                 gconstpointer b,
                 gpointer      user_data)
{
  const MemscopeCallTree *self = user_data;
  guint32 left = *(const guint32 *) a;
  guint32 right = *(const guint32 *) b;
  guint64 left_total = memscope_call_tree_get_total (self, left);
  guint64 right_total = memscope_call_tree_get_total (self, right);

  if (left_total != right_total)
    return left_total > right_total ? -1 : 1;

  return left < right ? -1 : left > right;
}

static void
lay_out_children (MemscopeCallTree *self)
{
  const MemscopeFlameTree *tree = self->sums->tree;
  g_autofree guint32 *next = g_new0 (guint32, tree->n_nodes + 1);

  self->first_child = g_new0 (guint32, tree->n_nodes + 1);
  self->heights = g_new0 (guint32, tree->n_nodes);
  for (guint32 i = 1; i < tree->n_nodes; i++)
    if (memscope_call_tree_get_total (self, i) > 0)
      self->first_child[tree->nodes[i].parent + 1]++;
  for (guint32 i = 0; i < tree->n_nodes; i++)
    {
      self->first_child[i + 1] += self->first_child[i];
      next[i] = self->first_child[i];
    }

  self->children = g_new0 (guint32, self->first_child[tree->n_nodes] + 1);
  for (guint32 i = 1; i < tree->n_nodes; i++)
    if (memscope_call_tree_get_total (self, i) > 0)
      self->children[next[tree->nodes[i].parent]++] = i;

  for (guint32 i = 0; i < tree->n_nodes; i++)
    {
      guint n = self->first_child[i + 1] - self->first_child[i];

      if (n > 1)
        g_qsort_with_data (self->children + self->first_child[i], (int) n, sizeof *self->children, compare_weights, self);
    }

  for (guint32 i = tree->n_nodes; i-- > 1;)
    if (memscope_call_tree_get_total (self, i) > 0)
      self->heights[tree->nodes[i].parent] = MAX (self->heights[tree->nodes[i].parent], self->heights[i] + 1);
}

/* The modules that fill most of the picture have the colours. */
static void
give_colors (MemscopeCallTree *self)
{
  const MemscopeFlameTree *tree = self->sums->tree;
  guint n_modules = memscope_session_get_n_modules (self->sums->session) + 1;
  g_autofree double *areas = g_new0 (double, n_modules);
  g_autofree guint8 *color_of = g_new (guint8, n_modules);
  double functions = 0, addresses = 0;

  for (guint32 i = 0; i < tree->n_nodes; i++)
    {
      guint64 total = memscope_call_tree_get_total (self, i);

      if (self->sums->modules[i] < n_modules)
        areas[self->sums->modules[i]] += (double) total;
      functions += tree->nodes[i].kind == MEMSCOPE_FLAME_FUNCTION ? (double) total : 0;
      addresses += tree->nodes[i].kind == MEMSCOPE_FLAME_FRAME ? (double) total : 0;
    }
  self->lacks_names = addresses > UNNAMED_SHARE * (functions + addresses);

  memset (color_of, MEMSCOPE_CALL_COLOR_OTHER, n_modules);
  color_of[0] = MEMSCOPE_CALL_COLOR_NONE;
  while (self->n_legend < MEMSCOPE_CALL_COLORS)
    {
      MemscopeModuleId best = 0;

      for (MemscopeModuleId id = 1; id < n_modules; id++)
        if (color_of[id] == MEMSCOPE_CALL_COLOR_OTHER && areas[id] > 0 && (best == 0 || areas[id] > areas[best]))
          best = id;
      if (best == 0)
        break;
      color_of[best] = (guint8) self->n_legend;
      self->legend[self->n_legend++] = best;
    }

  self->colors = g_new (guint8, tree->n_nodes);
  for (guint32 i = 0; i < tree->n_nodes; i++)
    {
      MemscopeModuleId module = self->sums->modules[i];

      self->colors[i] = module < n_modules ? color_of[module] : MEMSCOPE_CALL_COLOR_NONE;
      if (tree->nodes[i].kind >= MEMSCOPE_FLAME_FUNCTION && tree->nodes[i].kind != MEMSCOPE_FLAME_REST && module == 0)
        self->colors[i] = MEMSCOPE_CALL_COLOR_OTHER;
      self->has_others = self->has_others || self->colors[i] == MEMSCOPE_CALL_COLOR_OTHER;
    }
}

static MemscopeCallTree *
new_from_sums (Sums            *sums,
               MemscopeMeasure  measure)
{
  MemscopeCallTree *self = g_new0 (MemscopeCallTree, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->sums = sums;
  self->measure = measure;
  lay_out_children (self);
  give_colors (self);

  return self;
}

MemscopeCallTree *
memscope_call_tree_new (MemscopeSession    *session,
                        MemscopeSelection  *selection,
                        MemscopeFlameFlags  flags,
                        MemscopeMeasure     measure,
                        GCancellable       *cancellable)
{
  MemscopeFlameTree *tree = memscope_flame_tree_new (session, selection, flags | MEMSCOPE_FLAME_TRENDS, cancellable, NULL);
  Sums *sums;

  if (tree == NULL)
    return NULL;

  sums = g_atomic_rc_box_new0 (Sums);
  sums->session = g_object_ref (session);
  sums->tree = tree;
  sums->flags = flags;
  find_modules (sums);
  find_call_sites (sums);

  return new_from_sums (sums, measure);
}

gboolean
memscope_call_tree_has_trends (const MemscopeCallTree *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->sums->tree->trends != NULL;
}

const float *
memscope_call_tree_get_trend (const MemscopeCallTree *self,
                              guint32                 node)
{
  const MemscopeFlameTree *tree = self->sums->tree;

  g_return_val_if_fail (node < tree->n_nodes, NULL);

  return tree->trends != NULL ? tree->trends + (gsize) node * MEMSCOPE_FLAME_TREND_POINTS : NULL;
}

MemscopeCallTree *
memscope_call_tree_with_measure (MemscopeCallTree *self,
                                 MemscopeMeasure   measure)
{
  if (measure == self->measure)
    return memscope_call_tree_ref (self);

  return new_from_sums (g_atomic_rc_box_acquire (self->sums), measure);
}

MemscopeCallTree *
memscope_call_tree_ref (MemscopeCallTree *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
memscope_call_tree_unref (MemscopeCallTree *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_atomic_rc_box_release_full (self->sums, sums_clear);
  g_free (self->first_child);
  g_free (self->children);
  g_free (self->heights);
  g_free (self->colors);
  g_free (self);
}

/* ---- asking -------------------------------------------------------------- */

MemscopeSession *
memscope_call_tree_get_session (const MemscopeCallTree *self)
{
  return self->sums->session;
}

MemscopeMeasure
memscope_call_tree_get_measure (const MemscopeCallTree *self)
{
  return self->measure;
}

MemscopeFlameFlags
memscope_call_tree_get_flags (const MemscopeCallTree *self)
{
  return self->sums->flags;
}

guint
memscope_call_tree_get_n_nodes (const MemscopeCallTree *self)
{
  return self->sums->tree->n_nodes;
}

guint
memscope_call_tree_get_n_stacks (const MemscopeCallTree *self)
{
  return self->sums->tree->n_stacks;
}

guint
memscope_call_tree_get_n_truncated (const MemscopeCallTree *self)
{
  return self->sums->tree->n_truncated;
}

guint
memscope_call_tree_get_n_folded (const MemscopeCallTree *self)
{
  return self->sums->tree->n_folded;
}

gboolean
memscope_call_tree_lacks_names (const MemscopeCallTree *self)
{
  return self->lacks_names;
}

const MemscopeFlameNode *
memscope_call_tree_get_node (const MemscopeCallTree *self,
                             guint32                 node)
{
  return &self->sums->tree->nodes[node];
}

gboolean
memscope_call_tree_is_call_site (const MemscopeCallTree *self,
                                 guint32                 node)
{
  return self->sums->call_sites[node];
}

gboolean
memscope_call_tree_covers (const MemscopeCallTree *self,
                           guint32                 node,
                           MemscopeFrameId         frame)
{
  const MemscopeFlameNode *record = &self->sums->tree->nodes[node];
  const MemscopeSymbol *symbols;
  MemscopeFrame place;
  guint n;

  if (record->kind == MEMSCOPE_FLAME_FRAME)
    return frame == record->frame;
  if (record->kind != MEMSCOPE_FLAME_FUNCTION)
    return FALSE;

  n = memscope_session_get_symbols (self->sums->session, frame, &symbols);
  for (guint i = 0; i < n; i++)
    {
      if (symbols[i].function != record->function || symbols[i].file != record->file)
        continue;
      if (record->file != 0 || (memscope_session_get_frame (self->sums->session, frame, &place) &&
                                place.module == self->sums->modules[node]))
        return TRUE;
    }

  return FALSE;
}

guint64
memscope_call_tree_get_total (const MemscopeCallTree *self,
                              guint32                 node)
{
  return self->sums->tree->nodes[node].total[self->measure];
}

guint64
memscope_call_tree_get_self (const MemscopeCallTree *self,
                             guint32                 node)
{
  return self->sums->tree->nodes[node].self[self->measure];
}

static double
share_of (guint64 part,
          guint64 whole)
{
  return whole > 0 ? (double) part / (double) whole : 0;
}

double
memscope_call_tree_get_share (const MemscopeCallTree *self,
                              guint32                 node)
{
  return share_of (memscope_call_tree_get_total (self, node), memscope_call_tree_get_total (self, 0));
}

double
memscope_call_tree_get_parent_share (const MemscopeCallTree *self,
                                     guint32                 node)
{
  return share_of (memscope_call_tree_get_total (self, node),
                   memscope_call_tree_get_total (self, self->sums->tree->nodes[node].parent));
}

const guint32 *
memscope_call_tree_get_children (const MemscopeCallTree *self,
                                 guint32                 node,
                                 guint                  *n_children)
{
  *n_children = self->first_child[node + 1] - self->first_child[node];

  return self->children + self->first_child[node];
}

guint
memscope_call_tree_get_height (const MemscopeCallTree *self,
                               guint32                 node)
{
  return self->heights[node];
}

gboolean
memscope_call_tree_is_below (const MemscopeCallTree *self,
                             guint32                 node,
                             guint32                 ancestor)
{
  /* parents have the lower numbers */
  while (node > ancestor)
    node = self->sums->tree->nodes[node].parent;

  return node == ancestor;
}

static gboolean
is_same_place (const MemscopeCallTree  *self,
               guint32                  node,
               const MemscopeCallTree  *other,
               guint32                  other_node)
{
  const MemscopeFlameNode *a = &self->sums->tree->nodes[node];
  const MemscopeFlameNode *b = &other->sums->tree->nodes[other_node];

  if (a->kind != b->kind || a->thread != b->thread || a->function != b->function || a->file != b->file)
    return FALSE;

  return a->kind == MEMSCOPE_FLAME_FUNCTION
         ? a->file != 0 || self->sums->modules[node] == other->sums->modules[other_node]
         : a->frame == b->frame;
}

static guint32
find_child (const MemscopeCallTree *self,
            guint32                 parent,
            const MemscopeCallTree *other,
            guint32                 node)
{
  guint n;
  const guint32 *children = memscope_call_tree_get_children (self, parent, &n);

  for (guint i = 0; i < n; i++)
    if (is_same_place (self, children[i], other, node))
      return children[i];

  return MEMSCOPE_CALL_NONE;
}

guint32
memscope_call_tree_find (MemscopeCallTree *self,
                         MemscopeCallTree *other,
                         guint32           node)
{
  g_autoptr(GArray) path = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 found = 0;

  if (self->sums == other->sums)
    {
      while (node != 0 && memscope_call_tree_get_total (self, node) == 0)
        node = self->sums->tree->nodes[node].parent;
      return node;
    }

  for (; node != 0; node = other->sums->tree->nodes[node].parent)
    g_array_append_val (path, node);

  for (guint i = path->len; i-- > 0;)
    {
      guint32 child = find_child (self, found, other, g_array_index (path, guint32, i));

      if (child == MEMSCOPE_CALL_NONE)
        break;
      found = child;
    }

  return found;
}

guint
memscope_call_tree_get_color (const MemscopeCallTree *self,
                              guint32                 node)
{
  return self->colors[node];
}

guint
memscope_call_tree_get_n_legend (const MemscopeCallTree *self)
{
  return self->n_legend;
}

gboolean
memscope_call_tree_has_others (const MemscopeCallTree *self)
{
  return self->has_others;
}

/* ---- words ------------------------------------------------------------------ */

static char *
dup_module_name (MemscopeSession  *session,
                 MemscopeModuleId  id)
{
  MemscopeModule module;
  g_autofree char *path = NULL;

  if (!memscope_session_get_module (session, id, &module) || module.path == 0)
    return g_strdup (_("not recorded"));

  path = memscope_session_dup_display_string (session, module.path);

  return memscope_text_clip (memscope_text_basename (path), MEMSCOPE_TEXT_LABEL_CHARS);
}

char *
memscope_call_tree_dup_module (const MemscopeCallTree *self,
                               guint                   color)
{
  return color < self->n_legend ? dup_module_name (self->sums->session, self->legend[color]) : g_strdup (_("others"));
}

char *
memscope_call_tree_dup_name (const MemscopeCallTree *self,
                             guint32                 node)
{
  MemscopeSession *session = self->sums->session;
  const MemscopeFlameNode *record = &self->sums->tree->nodes[node];
  g_autofree char *name = NULL;

  switch (record->kind)
    {
    case MEMSCOPE_FLAME_THREAD:
      name = record->thread != 0 ? memscope_session_dup_thread_label (session, record->thread)
                                 : g_strdup (_("thread not recorded"));
      break;

    case MEMSCOPE_FLAME_FUNCTION:
      return memscope_text_string (session, record->function, "");

    case MEMSCOPE_FLAME_FRAME:
      name = memscope_session_dup_frame_label (session, record->frame);
      break;

    case MEMSCOPE_FLAME_REST:
      return g_strdup (_("callers not recorded"));

    case MEMSCOPE_FLAME_ROOT:
    default:
      return g_strdup (C_("root of the call tree", "all"));
    }

  return memscope_text_clip (name, MEMSCOPE_TEXT_LABEL_CHARS);
}

char *
memscope_call_tree_dup_place (const MemscopeCallTree *self,
                              guint32                 node)
{
  const MemscopeFlameNode *record = &self->sums->tree->nodes[node];

  if (record->file != 0)
    {
      g_autofree char *path = memscope_text_string (self->sums->session, record->file, "");

      return g_strdup (memscope_text_basename (path));
    }

  return self->sums->modules[node] != 0 ? dup_module_name (self->sums->session, self->sums->modules[node]) : g_strdup ("");
}

char *
memscope_call_tree_dup_weight (const MemscopeCallTree *self,
                               guint64                 weight)
{
  return memscope_measure_is_bytes (self->measure) ? memscope_text_size (weight) : memscope_text_count (weight);
}

char *
memscope_call_tree_dup_exact (const MemscopeCallTree *self,
                              guint64                 weight)
{
  g_autofree char *count = NULL;

  if (memscope_measure_is_bytes (self->measure))
    return memscope_text_exact_bytes (weight);

  count = memscope_text_count (weight);
  if (self->measure == MEMSCOPE_MEASURE_BIRTHS || self->measure == MEMSCOPE_MEASURE_TEMPORARY)
    return g_strdup_printf (ngettext ("%s allocation", "%s allocations", weight), count);

  return g_strdup_printf (ngettext ("%s block", "%s blocks", weight), count);
}

static void
append_module (const MemscopeCallTree *self,
               guint32                 node,
               GString                *text)
{
  const MemscopeFlameNode *record = &self->sums->tree->nodes[node];

  if (record->file != 0)
    {
      g_autofree char *path = memscope_text_string (self->sums->session, record->file, "");

      g_string_append_printf (text, "\n%s", path);
    }
  if (self->sums->modules[node] != 0)
    {
      g_autofree char *module = dup_module_name (self->sums->session, self->sums->modules[node]);

      g_string_append_printf (text, "\n%s", module);
    }
}

char *
memscope_call_tree_dup_summary (const MemscopeCallTree *self,
                                guint32                 node)
{
  const MemscopeFlameNode *record = &self->sums->tree->nodes[node];
  GString *text = g_string_new (NULL);
  g_autofree char *name = memscope_call_tree_dup_name (self, node);
  g_autofree char *total = memscope_call_tree_dup_exact (self, memscope_call_tree_get_total (self, node));
  g_autofree char *own = memscope_call_tree_dup_exact (self, memscope_call_tree_get_self (self, node));
  g_autofree char *share = memscope_measure_dup_share (memscope_call_tree_get_share (self, node));
  g_autofree char *births = memscope_text_count (record->total[MEMSCOPE_MEASURE_BIRTHS]);
  g_autofree char *live = memscope_text_size (record->total[MEMSCOPE_MEASURE_LIVE_BYTES]);

  g_string_append (text, name);
  append_module (self, node, text);
  g_string_append_c (text, '\n');
  /* Translators: a measure ("Live bytes"), its exact value, its share of everything */
  g_string_append_printf (text, _("%s: %s, %s of all"), memscope_measure_get_title (self->measure), total, share);
  if (record->depth > 1)
    {
      g_autofree char *of_parent = memscope_measure_dup_share (memscope_call_tree_get_parent_share (self, node));
      g_autofree char *parent = memscope_call_tree_dup_name (self, record->parent);
      g_autofree char *isolated = memscope_text_isolate (parent);

      g_string_append_c (text, '\n');
      /* Translators: "21.4 % of main", the share of what the caller holds */
      g_string_append_printf (text, C_("share of the caller", "%s of %s"), of_parent, isolated);
    }
  /* Bottom-up a path ends at its outermost caller: that is nobody's own weight. */
  if (!(self->sums->flags & MEMSCOPE_FLAME_BOTTOM_UP))
    {
      g_string_append_c (text, '\n');
      g_string_append_printf (text, _("Itself: %s"), own);
    }
  if (self->measure != MEMSCOPE_MEASURE_BIRTHS)
    {
      g_string_append_c (text, '\n');
      g_string_append_printf (text, _("Allocations: %s"), births);
    }
  if (self->measure != MEMSCOPE_MEASURE_LIVE_BYTES)
    {
      g_string_append_c (text, '\n');
      g_string_append_printf (text, _("Live: %s"), live);
    }

  return g_string_free (text, FALSE);
}

/* One line a frame, innermost first: as debuggers print them. */
char *
memscope_call_tree_dup_stack (const MemscopeCallTree *self,
                              guint32                 node)
{
  gboolean bottom_up = (self->sums->flags & MEMSCOPE_FLAME_BOTTOM_UP) != 0;
  GString *text = g_string_new (NULL);

  for (; node != 0; node = self->sums->tree->nodes[node].parent)
    {
      g_autofree char *name = memscope_call_tree_dup_name (self, node);
      g_autofree char *place = memscope_call_tree_dup_place (self, node);
      g_autofree char *line = *place != '\0' ? g_strdup_printf ("%s (%s)\n", name, place) : g_strdup_printf ("%s\n", name);

      if (bottom_up)
        g_string_prepend (text, line);
      else
        g_string_append (text, line);
    }

  return g_string_free (text, FALSE);
}

const char *
memscope_measure_get_title (MemscopeMeasure measure)
{
  switch (measure)
    {
    case MEMSCOPE_MEASURE_LIVE_BYTES:
      return _("Live bytes");
    case MEMSCOPE_MEASURE_LIVE_BLOCKS:
      return _("Live blocks");
    case MEMSCOPE_MEASURE_BORN_BYTES:
      return _("Allocated bytes");
    case MEMSCOPE_MEASURE_BIRTHS:
      return _("Allocations");
    case MEMSCOPE_MEASURE_TEMPORARY:
      return _("Temporary allocations");
    case MEMSCOPE_MEASURE_TEMPORARY_BYTES:
      return _("Temporary bytes");
    case MEMSCOPE_MEASURE_PEAK_BYTES:
      return _("Bytes at the peak");
    case MEMSCOPE_MEASURE_PEAK_BLOCKS:
      return _("Blocks at the peak");
    case MEMSCOPE_N_MEASURES:
    default:
      return "";
    }
}

gboolean
memscope_measure_is_bytes (MemscopeMeasure measure)
{
  return measure == MEMSCOPE_MEASURE_LIVE_BYTES || measure == MEMSCOPE_MEASURE_BORN_BYTES ||
         measure == MEMSCOPE_MEASURE_TEMPORARY_BYTES || measure == MEMSCOPE_MEASURE_PEAK_BYTES;
}

/* With a decimal: neighbours in a tree differ by little. */
char *
memscope_measure_dup_share (double share)
{
  if (share > 0 && share < 0.0005)
    return g_strdup (_("< 0.1 %"));

  return g_strdup_printf (_("%.1f %%"), share * 100);
}
