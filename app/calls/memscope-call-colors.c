/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <math.h>

#include "memscope-call-colors.h"
#include "memscope-palette.h"

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
                          MemscopeCallInk  inks[MEMSCOPE_CALL_N_COLORS])
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

      inks[i].fill = color;
      inks[i].on_fill = ink_on (&color);
      inks[i].pale = mix (&color, &ground, i == MEMSCOPE_CALL_COLOR_NONE ? .6f : .26f);
      inks[i].on_pale = ink_on (&inks[i].pale);
      inks[i].on_pale.alpha = .8f;
    }
}

const char *
memscope_call_colors_get_name (guint color)
{
  return names[MIN (color, MEMSCOPE_CALL_COLOR_NONE)];
}
