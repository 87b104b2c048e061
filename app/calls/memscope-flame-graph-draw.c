/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "memscope-call-colors.h"
#include "memscope-flame-graph-private.h"
#include "memscope-palette.h"
#include "memscope-text.h"

#define TEXT_PADDING 6
#define MIN_TEXT     22     /* narrower boxes have no name */
#define MAX_LABELS   8192   /* layouts kept; then all begins anew */

/* Most names are ASCII, of which each letter is as wide as any: then only what there
 * is room for is laid out. Others are left to Pango.
 */
typedef struct
{
  char        *text;
  glong        length;      /* in letters; -1: not ASCII */
  glong        shown;       /* letters that are laid out */
  PangoLayout *name;
  PangoLayout *share;       /* made when there is room */
  int          name_width;
  int          share_width;
} Label;

static void
label_free (gpointer data)
{
  Label *label = data;

  g_clear_object (&label->name);
  g_clear_object (&label->share);
  g_free (label->text);
  g_free (label);
}

void
memscope_flame_graph_clear_labels (MemscopeFlameGraph *self)
{
  g_clear_pointer (&self->labels, g_hash_table_unref);
  self->letter_width = 0;
  self->labels = g_hash_table_new_full (NULL, NULL, NULL, label_free);
}

static PangoLayout *
new_layout (MemscopeFlameGraph *self,
            const char         *text,
            gboolean            code,
            gboolean            bold)
{
  PangoLayout *layout = memscope_palette_layout (GTK_WIDGET (self), text, code ? .9 : .84, bold);

  if (code)
    {
      PangoAttrList *attributes = pango_attr_list_copy (pango_layout_get_attributes (layout));

      pango_attr_list_insert (attributes, pango_attr_family_new ("monospace"));
      pango_layout_set_attributes (layout, attributes);
      pango_attr_list_unref (attributes);
      pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
      pango_layout_set_single_paragraph_mode (layout, TRUE);
    }

  return layout;
}

static gboolean
is_hit (MemscopeFlameGraph *self,
        guint32             node)
{
  return self->hits != NULL && self->hits->is_hit[node];
}

static double
letter_width (MemscopeFlameGraph *self)
{
  if (self->letter_width <= 0)
    {
      g_autoptr(PangoLayout) layout = new_layout (self, "00000000000000000000", TRUE, FALSE);
      int width;

      pango_layout_get_size (layout, &width, NULL);
      self->letter_width = (double) width / PANGO_SCALE / 20;
    }

  return self->letter_width;
}

static Label *
get_label (MemscopeFlameGraph *self,
           guint32             node)
{
  Label *label = g_hash_table_lookup (self->labels, GUINT_TO_POINTER (node));

  if (label != NULL)
    return label;

  if (g_hash_table_size (self->labels) >= MAX_LABELS)
    g_hash_table_remove_all (self->labels);

  label = g_new0 (Label, 1);
  label->text = memscope_call_tree_dup_name (self->tree, node);
  label->length = g_str_is_ascii (label->text) ? (glong) strlen (label->text) : -1;
  g_hash_table_insert (self->labels, GUINT_TO_POINTER (node), label);

  return label;
}

/* Makes a label for as much room as there is. */
static void
fit_label (MemscopeFlameGraph *self,
           guint32             node,
           Label              *label,
           int                 room)
{
  glong fits = (glong) (room / letter_width (self));

  if (label->length < 0)
    {
      if (label->name == NULL)
        {
          label->name = new_layout (self, label->text, TRUE, is_hit (self, node));
          pango_layout_get_pixel_size (label->name, &label->name_width, NULL);
        }
      pango_layout_set_width (label->name, room * PANGO_SCALE);
      return;
    }

  fits = label->length <= fits ? label->length : MAX (fits, 1);
  if (label->name == NULL || fits != label->shown)
    {
      g_autofree char *text = fits == label->length ? g_strdup (label->text)
                                                    : g_strdup_printf ("%.*s…", (int) fits - 1, label->text);

      g_clear_object (&label->name);
      label->name = new_layout (self, text, TRUE, is_hit (self, node));
      label->shown = fits;
      label->name_width = (int) ceil ((double) label->length * letter_width (self));
    }
}

static void
append_text (GtkSnapshot   *snapshot,
             PangoLayout   *layout,
             const GdkRGBA *ink,
             int            x,
             int            y,
             int            row_height)
{
  int height;

  pango_layout_get_pixel_size (layout, NULL, &height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) x, (float) (y + (row_height - 2 - height) / 2)));
  gtk_snapshot_append_layout (snapshot, layout, ink);
  gtk_snapshot_restore (snapshot);
}

static void
draw_text (MemscopeFlameGraph     *self,
           GtkSnapshot            *snapshot,
           const MemscopeFlameBox *box,
           int                     y,
           const GdkRGBA          *ink)
{
  Label *label = get_label (self, box->node);
  int room = box->width - 1 - 2 * TEXT_PADDING;

  fit_label (self, box->node, label, room);
  append_text (snapshot, label->name, ink, box->x + TEXT_PADDING, y, self->row_height);

  if (label->name_width + 3 * TEXT_PADDING > room)
    return;
  if (label->share == NULL)
    {
      g_autofree char *share = memscope_measure_dup_share (memscope_call_tree_get_share (self->tree, box->node));

      label->share = new_layout (self, share, FALSE, FALSE);
      pango_layout_get_pixel_size (label->share, &label->share_width, NULL);
    }
  if (label->name_width + 2 * TEXT_PADDING + label->share_width <= room)
    append_text (snapshot, label->share, ink, box->x + box->width - 1 - TEXT_PADDING - label->share_width, y, self->row_height);
}

static void
draw_box (MemscopeFlameGraph     *self,
          GtkSnapshot            *snapshot,
          const MemscopeFlameBox *box,
          int                     y,
          MemscopeCallInk         inks[][MEMSCOPE_CALL_SHADES])
{
  const MemscopeCallInk *ink = box->more > 0 ? &inks[MEMSCOPE_CALL_COLOR_NONE][0]
                                             : &inks[memscope_call_tree_get_color (self->tree, box->node)]
                                                    [memscope_call_colors_get_shade (memscope_call_tree_get_node (self->tree, box->node))];
  gboolean hit = box->more == 0 && is_hit (self, box->node);
  gboolean pale = self->hits != NULL && !hit;
  const GdkRGBA *fill = pale ? &ink->pale : &ink->fill;
  const GdkRGBA *text = pale ? &ink->on_pale : &ink->on_fill;
  /* a gap tells neighbours apart, unless that is all there is room for */
  int width = box->width > 2 ? box->width - 1 : box->width;

  gtk_snapshot_append_color (snapshot, fill, &GRAPHENE_RECT_INIT ((float) box->x, (float) y, (float) width,
                                                                  (float) (self->row_height - 2)));
  if (hit && width > 4)
    gtk_snapshot_append_color (snapshot, text, &GRAPHENE_RECT_INIT ((float) box->x + 2, (float) (y + self->row_height - 5),
                                                                    (float) (width - 4), 1));
  if (box->more == 0 && width >= MIN_TEXT)
    draw_text (self, snapshot, box, y, text);
}

static GskRenderNode *
make_picture (MemscopeFlameGraph *self,
              guint               first_row,
              guint               last_row)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  MemscopeCallInk inks[MEMSCOPE_CALL_N_COLORS][MEMSCOPE_CALL_SHADES];

  memscope_call_colors_get (GTK_WIDGET (self), inks);
  for (guint row = first_row; row < last_row; row++)
    {
      int y = memscope_flame_graph_get_row_y (self, row);

      for (guint i = g_array_index (self->rows, guint, row); i < g_array_index (self->rows, guint, row + 1); i++)
        draw_box (self, snapshot, &g_array_index (self->boxes, MemscopeFlameBox, i), y, inks);
    }

  return gtk_snapshot_free_to_node (snapshot);
}

/* Rows that a scrolled window shows, and a few around them. */
static void
find_rows_in_view (MemscopeFlameGraph *self,
                   guint              *first_row,
                   guint              *last_row)
{
  guint n_rows = self->rows->len - 1;
  double top = 0;
  double bottom = gtk_widget_get_height (GTK_WIDGET (self));
  int first, last;

  if (self->adjustment != NULL)
    {
      top = gtk_adjustment_get_value (self->adjustment);
      bottom = top + gtk_adjustment_get_page_size (self->adjustment);
    }
  if (self->flames)
    {
      double height = gtk_widget_get_height (GTK_WIDGET (self));
      double swap = height - bottom;

      bottom = height - top;
      top = swap;
    }

  first = (int) floor (top / self->row_height) - 1;
  last = (int) ceil (bottom / self->row_height) + 1;
  *first_row = (guint) CLAMP (first, 0, (int) n_rows);
  *last_row = (guint) CLAMP (last, (int) *first_row, (int) n_rows);
}

static void
draw_outline (MemscopeFlameGraph     *self,
              GtkSnapshot            *snapshot,
              const MemscopeFlameBox *box,
              guint                   row)
{
  GskRoundedRect outline;
  GdkRGBA color;
  int width = MAX (box->width - 1, 3);

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &color);
  gsk_rounded_rect_init_from_rect (&outline,
                                   &GRAPHENE_RECT_INIT ((float) box->x, (float) memscope_flame_graph_get_row_y (self, row),
                                                        (float) width, (float) (self->row_height - 2)), 0);
  gtk_snapshot_append_border (snapshot, &outline, (float[4]) { 2, 2, 2, 2 }, (GdkRGBA[4]) { color, color, color, color });
}

void
memscope_flame_graph_draw (MemscopeFlameGraph *self,
                           GtkSnapshot        *snapshot)
{
  GtkWidget *widget = GTK_WIDGET (self);
  const MemscopeFlameBox *selected;
  guint first_row, last_row, row;

  memscope_flame_graph_lay_out (self);
  if (self->tree == NULL || self->rows->len == 0)
    return;

  find_rows_in_view (self, &first_row, &last_row);
  if (self->picture == NULL || first_row < self->first_row || last_row > self->last_row)
    {
      g_clear_pointer (&self->picture, gsk_render_node_unref);
      self->picture = make_picture (self, first_row, last_row);
      self->first_row = first_row;
      self->last_row = last_row;
    }
  if (self->picture != NULL)
    gtk_snapshot_append_node (snapshot, self->picture);

  if (self->hovered >= 0 && (guint) self->hovered < self->boxes->len)
    {
      const MemscopeFlameBox *box = &g_array_index (self->boxes, MemscopeFlameBox, self->hovered);
      GdkRGBA veil;

      gtk_style_context_get_color (gtk_widget_get_style_context (widget), &veil);
      veil.alpha = .16f;
      gtk_snapshot_append_color (snapshot, &veil,
                                 &GRAPHENE_RECT_INIT ((float) box->x, (float) memscope_flame_graph_get_row_y (self, self->hovered_row),
                                                      (float) MAX (box->width - 1, 1), (float) (self->row_height - 2)));
    }

  selected = memscope_flame_graph_find_box (self, self->selected, &row);
  if (selected != NULL)
    draw_outline (self, snapshot, selected, row);

  if (gtk_widget_has_visible_focus (widget))
    {
      double top = self->adjustment != NULL ? gtk_adjustment_get_value (self->adjustment) : 0;
      double height = self->adjustment != NULL ? gtk_adjustment_get_page_size (self->adjustment) : gtk_widget_get_height (widget);

      gtk_snapshot_render_focus (snapshot, gtk_widget_get_style_context (widget), 0, top,
                                 gtk_widget_get_width (widget), MIN (height, gtk_widget_get_height (widget)));
    }
}
