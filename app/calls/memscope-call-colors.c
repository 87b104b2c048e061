/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <math.h>

#include "memscope-call-colors.h"
#include "memscope-palette.h"

/* How much further each shade is from the colour of the text on it. */
#define SHADE_STEP .1f

static const char *names[MEMSCOPE_CALL_N_COLORS] = { "c1", "c2", "c4", "c5", "c3", "c6", "c7", "c8", "none" };

static double
linear (float channel)
{
  return channel <= .03928f ? channel / 12.92 : pow ((channel + .055) / 1.055, 2.4);
}

static double
luminance (const GdkRGBA *color)
{
  return .2126 * linear (color->red) + .7152 * linear (color->green) + .0722 * linear (color->blue);
}

/* Black or white, whichever has more contrast (WCAG). */
static GdkRGBA
ink_on (const GdkRGBA *color)
{
  double light = luminance (color);

  return 1.05 / (light + .05) > (light + .05) / .05 ? (GdkRGBA) { 1, 1, 1, 1 } : (GdkRGBA) { 0, 0, 0, 1 };
}

static GdkRGBA
mix (const GdkRGBA *color,
     const GdkRGBA *ground,
     float          part)
{
  return (GdkRGBA) {
    color->red * part + ground->red * (1 - part),
    color->green * part + ground->green * (1 - part),
    color->blue * part + ground->blue * (1 - part),
    1,
  };
}

void
memscope_call_colors_get (GtkWidget       *widget,
                          MemscopeCallInk  inks[MEMSCOPE_CALL_N_COLORS][MEMSCOPE_CALL_SHADES])
{
  GdkRGBA ground, text;

  memscope_palette_get (widget, "card", &ground);
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &text);

  for (guint i = 0; i < MEMSCOPE_CALL_N_COLORS; i++)
    {
      GdkRGBA color;

      if (i == MEMSCOPE_CALL_COLOR_NONE)
        color = mix (&text, &ground, .16f);
      else
        memscope_palette_get (widget, names[i], &color);

      for (guint shade = 0; shade < MEMSCOPE_CALL_SHADES; shade++)
        {
          MemscopeCallInk *ink = &inks[i][shade];
          GdkRGBA away;

          ink->on_fill = ink_on (&color);
          away = ink->on_fill.red > .5f ? (GdkRGBA) { 0, 0, 0, 1 } : (GdkRGBA) { 1, 1, 1, 1 };
          ink->fill = mix (&color, &away, 1 - SHADE_STEP * (float) shade);
          ink->pale = mix (&ink->fill, &ground, i == MEMSCOPE_CALL_COLOR_NONE ? .6f : .26f);
          ink->on_pale = ink_on (&ink->pale);
          ink->on_pale.alpha = .8f;
        }
    }
}

guint
memscope_call_colors_get_shade (const MemscopeFlameNode *node)
{
  guint32 hash = (node->function != 0 ? node->function : node->frame) * 2654435761u;

  return node->kind == MEMSCOPE_FLAME_FUNCTION || node->kind == MEMSCOPE_FLAME_FRAME ? (hash >> 16) % MEMSCOPE_CALL_SHADES : 0;
}

const char *
memscope_call_colors_get_name (guint color)
{
  return names[MIN (color, MEMSCOPE_CALL_COLOR_NONE)];
}
