/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-map-blob.h"

#include <math.h>
#include <string.h>

#include "memscope-map-names.h"

#define MAGIC 0x504d534du   /* "MSMP" */

typedef enum
{
  U64,
  F64,   /* ns and rows: what a JavaScript number holds */
  U32,
  U8,
} ElementType;

typedef struct
{
  const char    *name;
  ElementType    type;
  gconstpointer  values;   /* guint64, guint32 or guint8 */
} Column;

static const char *const type_names[] = { [U64] = "u64", [F64] = "f64", [U32] = "u32", [U8] = "u8" };
static const guint type_sizes[] = { [U64] = 8, [F64] = 8, [U32] = 4, [U8] = 1 };

static gsize
pad (gsize length)
{
  return (length + 7) & ~(gsize)7;
}

/* ---- the head ------------------------------------------------------------------------- */

static void
write_address (MemscopeJsonWriter *writer,
               const char         *key,
               guint64             address)
{
  char text[17];

  g_snprintf (text, sizeof text, "%" G_GINT64_MODIFIER "x", address);
  memscope_json_writer_string (writer, key, text, -1);
}

static void
write_path (MemscopeJsonWriter *writer,
            MemscopeSession    *session,
            MemscopeStringId    path)
{
  if (path != 0)
    memscope_map_names_write_text (writer, "path", memscope_session_dup_display_string (session, path));
  else
    memscope_json_writer_null (writer, "path");
}

static void
write_regions (const MemscopeAddressMap *map,
               MemscopeSession          *session,
               MemscopeJsonWriter       *writer)
{
  memscope_json_writer_begin_array (writer, "regions");
  for (guint i = 0; i < map->n_regions; i++)
    {
      const MemscopeMapRegion *region = &map->regions[i];
      const struct
      {
        const char *key;
        guint64     value;
      } counts[] = {
        { "thread", region->thread },
        { "number", region->number },
        { "first", region->first },
        { "blocks", region->n_blocks },
        { "selected", region->n_selected },
        { "liveBytes", region->live_bytes },
        { "usedBytes", region->used_bytes },
        { "holeBytes", region->hole_bytes },
        { "largestHole", region->largest_hole },
        { "holes", region->n_holes },
        { "topFree", region->top_free },
        { "sparseBytes", region->sparse_bytes },
        { "emptyBytes", region->empty_bytes },
        { "pins", region->n_pins },
        { "pinBytes", region->pin_bytes },
      };

      memscope_json_writer_begin_object (writer, NULL);
      memscope_json_writer_string (writer, "kind", memscope_region_kind_get_nick (region->kind), -1);
      memscope_json_writer_boolean (writer, "recorded", region->recorded);
      memscope_map_names_write_text (writer, "label", memscope_map_region_dup_label (region, session));
      write_path (writer, session, region->path);
      write_address (writer, "start", region->start);
      write_address (writer, "end", region->end);
      for (guint k = 0; k < G_N_ELEMENTS (counts); k++)
        memscope_json_writer_count (writer, counts[k].key, counts[k].value);
      memscope_json_writer_double (writer, "fragmentation", region->fragmentation);
      memscope_json_writer_end_object (writer);
    }
  memscope_json_writer_end_array (writer);
}

static void
write_areas (const MemscopeAddressMap *map,
             MemscopeSession          *session,
             MemscopeJsonWriter       *writer)
{
  memscope_json_writer_begin_array (writer, "areas");
  for (guint i = 0; i < map->n_areas; i++)
    {
      const MemscopeMapArea *area = &map->areas[i];

      memscope_json_writer_begin_object (writer, NULL);
      memscope_json_writer_string (writer, "kind", memscope_region_kind_get_nick (area->kind), -1);
      memscope_json_writer_boolean (writer, "recorded", area->recorded);
      write_path (writer, session, area->path);
      write_address (writer, "start", area->start);
      write_address (writer, "end", area->end);
      memscope_json_writer_uint64 (writer, "mappedBytes", area->mapped_bytes);
      memscope_json_writer_end_object (writer);
    }
  memscope_json_writer_end_array (writer);
}

static void
write_hot_pages (const MemscopeHotPages *pages,
                 MemscopeJsonWriter     *writer)
{
  if (pages == NULL)
    {
      memscope_json_writer_null (writer, "hotPages");
      return;
    }

  memscope_json_writer_begin_array (writer, "hotPages");
  for (guint i = 0; i < pages->n_pages; i++)
    {
      memscope_json_writer_begin_object (writer, NULL);
      write_address (writer, "address", pages->pages[i].address);
      memscope_json_writer_uint64 (writer, "births", pages->pages[i].births);
      memscope_json_writer_uint64 (writer, "bytes", pages->pages[i].bytes);
      memscope_json_writer_uint64 (writer, "row", pages->pages[i].row);
      memscope_json_writer_end_object (writer);
    }
  memscope_json_writer_end_array (writer);
}

static void
write_columns (const MemscopeAddressMap *map,
               const Column             *columns,
               guint                     n_columns,
               MemscopeJsonWriter       *writer)
{
  gsize offset = 0;

  memscope_json_writer_begin_array (writer, "columns");
  for (guint k = 0; k < n_columns; k++)
    {
      memscope_json_writer_begin_array (writer, NULL);
      memscope_json_writer_string (writer, NULL, columns[k].name, -1);
      memscope_json_writer_string (writer, NULL, type_names[columns[k].type], -1);
      memscope_json_writer_uint64 (writer, NULL, offset);
      memscope_json_writer_end_array (writer);
      offset += pad (map->n_blocks * type_sizes[columns[k].type]);
    }
  memscope_json_writer_end_array (writer);
}

static GString *
write_head (const MemscopeAddressMap *map,
            const MemscopeHotPages   *hot_pages,
            MemscopeSession          *session,
            const Column             *columns,
            guint                     n_columns,
            MemscopeMapNames         *names)
{
  GString *text = g_string_new (NULL);
  MemscopeJsonWriter writer;

  memscope_json_writer_init (&writer, text);
  memscope_json_writer_begin_object (&writer, NULL);
  memscope_json_writer_uint64 (&writer, "blocks", map->n_blocks);
  memscope_json_writer_uint64 (&writer, "instant", map->instant);
  memscope_json_writer_uint64 (&writer, "begin", map->begin);
  memscope_json_writer_uint64 (&writer, "end", map->end);
  memscope_json_writer_uint64 (&writer, "pageSize", map->page_size);
  memscope_json_writer_boolean (&writer, "sampled", map->sampled);
  memscope_json_writer_boolean (&writer, "hasDeaths", memscope_session_has_deaths (session));
  memscope_json_writer_count (&writer, "mappingsTime", map->mappings_time);
  memscope_json_writer_uint64 (&writer, "selected", map->n_selected);
  memscope_json_writer_uint64 (&writer, "liveBytes", map->live_bytes);
  memscope_json_writer_uint64 (&writer, "overlapping", map->n_overlapping);
  write_columns (map, columns, n_columns, &writer);
  write_regions (map, session, &writer);
  write_areas (map, session, &writer);
  write_hot_pages (hot_pages, &writer);
  memscope_map_names_write (names, &writer);
  memscope_json_writer_end_object (&writer);

  return text;
}

/* ---- the columns ------------------------------------------------------------------------ */

static void
copy_column (guint8       *to,
             const Column *column,
             guint64       n)
{
  switch (column->type)
    {
    case U64:
      for (guint64 i = 0; i < n; i++)
        {
          guint64 value = GUINT64_TO_LE (((const guint64 *)column->values)[i]);

          memcpy (to + 8 * i, &value, 8);
        }
      break;

    case F64:
      for (guint64 i = 0; i < n; i++)
        {
          guint64 value = ((const guint64 *)column->values)[i];
          double number = value == MEMSCOPE_NEVER ? INFINITY : (double)value;
          guint64 bits;

          memcpy (&bits, &number, 8);
          bits = GUINT64_TO_LE (bits);
          memcpy (to + 8 * i, &bits, 8);
        }
      break;

    case U32:
      for (guint64 i = 0; i < n; i++)
        {
          guint32 value = GUINT32_TO_LE (((const guint32 *)column->values)[i]);

          memcpy (to + 4 * i, &value, 4);
        }
      break;

    case U8:
    default:
      memcpy (to, column->values, n);
      break;
    }
}

GBytes *
memscope_map_blob_new (const MemscopeAddressMap *map,
                       const MemscopeHotPages   *hot_pages,
                       MemscopeSession          *session)
{
  g_autofree guint32 *variables = g_new (guint32, MAX (map->n_blocks, 1));
  g_autofree guint32 *sites = g_new (guint32, MAX (map->n_blocks, 1));
  const Column columns[] = {
    { "address", U64, map->address },
    { "size", U64, map->size },
    { "birth", F64, map->birth_time },
    { "death", F64, map->death_time },
    { "row", F64, map->row },
    { "rounding", U32, map->rounding },
    { "thread", U32, map->thread },
    { "deathThread", U32, map->death_thread },
    { "variable", U32, variables },
    { "site", U32, sites },
    { "stack", U32, map->stack },
    { "region", U32, map->region },
    { "stage", U8, map->stage },
    { "origin", U8, map->origin },
    { "flags", U8, map->flags },
  };
  g_autoptr(GString) head = NULL;
  MemscopeMapNames names;
  gsize head_length;
  gsize length;
  gsize at;
  guint8 *bytes;
  guint32 words[2];

  g_return_val_if_fail (map != NULL, NULL);
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (session), NULL);

  memscope_map_names_init (&names, session);
  for (guint64 i = 0; i < map->n_blocks; i++)
    {
      variables[i] = memscope_map_names_add_variable (&names, map->variable[i]);
      sites[i] = memscope_map_names_add_site (&names, map->call_site[i]);
    }
  head = write_head (map, hot_pages, session, columns, G_N_ELEMENTS (columns), &names);
  memscope_map_names_clear (&names);

  head_length = pad (head->len);
  length = sizeof words + head_length;
  for (guint k = 0; k < G_N_ELEMENTS (columns); k++)
    length += pad (map->n_blocks * type_sizes[columns[k].type]);

  bytes = g_malloc0 (length);
  words[0] = GUINT32_TO_LE ((guint32)head_length);
  words[1] = GUINT32_TO_LE (MAGIC);
  memcpy (bytes, words, sizeof words);
  memset (bytes + sizeof words, ' ', head_length);
  memcpy (bytes + sizeof words, head->str, head->len);

  at = sizeof words + head_length;
  for (guint k = 0; k < G_N_ELEMENTS (columns); k++)
    {
      copy_column (bytes + at, &columns[k], map->n_blocks);
      at += pad (map->n_blocks * type_sizes[columns[k].type]);
    }

  return g_bytes_new_take (bytes, length);
}
