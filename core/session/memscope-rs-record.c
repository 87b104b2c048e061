/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-rs-record.h"

#include <string.h>

#include "memscope-json-text.h"
#include "memscope-rs-cursor.h"

/* ---- the fields, skipped or written --------------------------------------------------- */

/* Each of these walks one field; with @json NULL it only checks it. */

static void
append_text (GString        *json,
             MemscopeRsText  text)
{
  if (json == NULL)
    return;

  if (text.bytes == NULL)
    g_string_append (json, "null");
  else
    memscope_json_append_string (json, (const char *)text.bytes, text.length);
}

static void
append_key (GString    *json,
            const char *key)
{
  if (json == NULL)
    return;

  if (json->len > 0 && strchr ("{[,", json->str[json->len - 1]) == NULL)
    g_string_append_c (json, ',');
  g_string_append_c (json, '"');
  g_string_append (json, key);
  g_string_append_len (json, "\":", 2);
}

static void
append (GString    *json,
        const char *text)
{
  if (json != NULL)
    g_string_append (json, text);
}

static void
append_flag (GString *json,
             gboolean flag)
{
  append (json, flag ? "true" : "false");
}

static void
walk64 (Cursor     *cursor,
        GString    *json,
        const char *key)
{
  guint64 value = take64 (cursor);

  append_key (json, key);
  if (json != NULL)
    memscope_json_append_uint64 (json, value);
}

static void
walk32 (Cursor     *cursor,
        GString    *json,
        const char *key)
{
  guint32 value = take32 (cursor);

  append_key (json, key);
  if (json != NULL)
    memscope_json_append_uint64 (json, value);
}

static void
walk_double (Cursor     *cursor,
             GString    *json,
             const char *key)
{
  double value = take_double (cursor);

  append_key (json, key);
  if (json != NULL)
    memscope_json_append_double (json, value);
}

static void
walk_optional64 (Cursor     *cursor,
                 GString    *json,
                 const char *key)
{
  guint64 value = 0;
  gboolean present = take_optional64 (cursor, &value);

  append_key (json, key);
  if (json == NULL)
    return;

  if (present)
    memscope_json_append_uint64 (json, value);
  else
    g_string_append (json, "null");
}

static void
walk_flag (Cursor     *cursor,
           GString    *json,
           const char *key)
{
  gboolean flag = take8 (cursor) != 0;

  append_key (json, key);
  append_flag (json, flag);
}

static void
walk_text (Cursor     *cursor,
           GString    *json,
           const char *key)
{
  MemscopeRsText text = take_text (cursor);

  append_key (json, key);
  append_text (json, text);
}

static void
separate (GString *json,
          guint32  i)
{
  if (json != NULL && i > 0)
    g_string_append_c (json, ',');
}

static void
walk_texts (Cursor     *cursor,
            GString    *json,
            const char *key)
{
  guint32 n = take_count (cursor, 4);

  append_key (json, key);
  append (json, "[");
  for (guint32 i = 0; i < n && !cursor->failed; i++)
    {
      MemscopeRsText text = take_text (cursor);

      separate (json, i);
      append_text (json, text);
    }
  append (json, "]");
}

/* A JSON document inside a string, copied as it is. */
static void
walk_document (Cursor     *cursor,
               GString    *json,
               const char *key,
               guint      *n_bad)
{
  gboolean present = take_flag (cursor);
  MemscopeRsText text = present ? take_text (cursor) : (MemscopeRsText) { NULL, 0 };

  append_key (json, key);

  /* Checked only when somebody looks: a record is sound or not by its lengths. */
  if (text.bytes == NULL || (json == NULL && n_bad == NULL))
    append (json, "null");
  else if (!memscope_json_text_is_valid ((const char *)text.bytes, text.length))
    {
      if (n_bad != NULL)
        (*n_bad)++;
      append (json, "null");
    }
  else if (json != NULL)
    g_string_append_len (json, (const char *)text.bytes, text.length);
}

static void
walk_borrow_info (Cursor  *cursor,
                  GString *json)
{
  append_key (json, "borrow_info");
  if (!take_flag (cursor))
    {
      append (json, "null");
      return;
    }

  append (json, "{");
  walk32 (cursor, json, "immutable_borrows");
  walk32 (cursor, json, "mutable_borrows");
  walk32 (cursor, json, "max_concurrent_borrows");
  walk_optional64 (cursor, json, "last_borrow_timestamp");
  append (json, "}");
}

static void
walk_clone_info (Cursor  *cursor,
                 GString *json)
{
  append_key (json, "clone_info");
  if (!take_flag (cursor))
    {
      append (json, "null");
      return;
    }

  append (json, "{");
  walk32 (cursor, json, "clone_count");
  walk_flag (cursor, json, "is_clone");
  walk_optional64 (cursor, json, "original_ptr");
  append (json, "}");
}

static void
walk_pointer_type (Cursor  *cursor,
                   GString *json)
{
  static const char *const names[] = { "\"Rc\"", "\"Arc\"", "\"RcWeak\"", "\"ArcWeak\"", "\"Box\"" };
  guint8 type = take8 (cursor);

  append_key (json, "pointer_type");
  if (type < G_N_ELEMENTS (names))
    append (json, names[type]);
  else
    cursor->failed = TRUE;
}

static void
walk_clones (Cursor  *cursor,
             GString *json)
{
  guint32 n = take_count (cursor, 8);

  append_key (json, "clones");
  append (json, "[");
  for (guint32 i = 0; i < n && !cursor->failed; i++)
    {
      guint64 clone = take64 (cursor);

      separate (json, i);
      if (json != NULL)
        memscope_json_append_uint64 (json, clone);
    }
  append (json, "]");
}

static void
walk_ref_counts (Cursor  *cursor,
                 GString *json)
{
  guint32 n = take_count (cursor, 24);

  append_key (json, "ref_count_history");
  append (json, "[");
  for (guint32 i = 0; i < n && !cursor->failed; i++)
    {
      separate (json, i);
      append (json, "{");
      walk64 (cursor, json, "timestamp");
      walk64 (cursor, json, "strong_count");
      walk64 (cursor, json, "weak_count");
      append (json, "}");
    }
  append (json, "]");
}

static void
walk_smart_pointer (Cursor  *cursor,
                    GString *json)
{
  append (json, "{");
  walk64 (cursor, json, "data_ptr");
  walk_optional64 (cursor, json, "cloned_from");
  walk_clones (cursor, json);
  walk_ref_counts (cursor, json);
  walk_optional64 (cursor, json, "weak_count");
  walk_flag (cursor, json, "is_weak_reference");
  walk_flag (cursor, json, "is_data_owner");
  walk_flag (cursor, json, "is_implicitly_deallocated");
  walk_pointer_type (cursor, json);
  append (json, "}");
}

static void
walk_field_layout (Cursor  *cursor,
                   GString *json)
{
  guint32 n = take_count (cursor, 33);

  append_key (json, "field_layout");
  append (json, "[");
  for (guint32 i = 0; i < n && !cursor->failed; i++)
    {
      separate (json, i);
      append (json, "{");
      walk_text (cursor, json, "field_name");
      walk_text (cursor, json, "field_type");
      walk64 (cursor, json, "offset");
      walk64 (cursor, json, "size");
      walk64 (cursor, json, "alignment");
      walk_flag (cursor, json, "is_padding");
      append (json, "}");
    }
  append (json, "]");
}

static void
walk_padding_reason (Cursor  *cursor,
                     GString *json)
{
  static const char *const names[] = { "\"FieldAlignment\"", "\"StructAlignment\"", "\"EnumDiscriminant\"" };
  guint8 reason = take8 (cursor);

  append_key (json, "reason");
  if (reason < G_N_ELEMENTS (names))
    {
      append (json, names[reason]);
    }
  else if (reason == G_N_ELEMENTS (names))
    {
      append (json, "{");
      walk_text (cursor, json, "Other");
      append (json, "}");
    }
  else
    {
      cursor->failed = TRUE;
    }
}

static void
walk_padding_info (Cursor  *cursor,
                   GString *json)
{
  guint32 n;

  append_key (json, "padding_info");
  append (json, "{");
  walk64 (cursor, json, "total_padding_bytes");
  n = take_count (cursor, 17);
  append_key (json, "padding_locations");
  append (json, "[");
  for (guint32 i = 0; i < n && !cursor->failed; i++)
    {
      separate (json, i);
      append (json, "{");
      walk64 (cursor, json, "start_offset");
      walk64 (cursor, json, "size");
      walk_padding_reason (cursor, json);
      append (json, "}");
    }
  append (json, "]");
  walk_double (cursor, json, "padding_ratio");
  walk_texts (cursor, json, "optimization_suggestions");
  append (json, "}");
}

static void
walk_potential (Cursor  *cursor,
                GString *json)
{
  static const char *const names[] = { "None", "Minor", "Moderate", "Major" };
  guint8 potential = take8 (cursor);

  append_key (json, "optimization_potential");
  if (potential == 0)
    {
      append (json, "\"None\"");
      return;
    }

  if (potential >= G_N_ELEMENTS (names))
    {
      cursor->failed = TRUE;
      return;
    }

  append (json, "{");
  append_key (json, names[potential]);
  append (json, "{");
  walk64 (cursor, json, "potential_savings");
  if (potential > 1)
    walk_texts (cursor, json, "suggestions");
  append (json, "}}");
}

static void
walk_memory_layout (Cursor  *cursor,
                    GString *json,
                    guint   *n_bad)
{
  append (json, "{");
  walk64 (cursor, json, "total_size");
  walk64 (cursor, json, "alignment");
  walk_field_layout (cursor, json);
  walk_padding_info (cursor, json);
  append_key (json, "layout_efficiency");
  append (json, "{");
  walk_double (cursor, json, "memory_utilization");
  walk_double (cursor, json, "cache_friendliness");
  walk64 (cursor, json, "alignment_waste");
  walk_potential (cursor, json);
  append (json, "}");
  walk_document (cursor, json, "container_analysis", n_bad);
  append (json, "}");
}

static const char *const documents[] = {
  "generic_info", "dynamic_type_info", "runtime_state", "stack_allocation", "temporary_object",
  "fragmentation_analysis", "generic_instantiation", "type_relationships", "type_usage",
  "function_call_tracking", "lifecycle_tracking", "access_tracking",
};

/* Fields 16 and 17: JSON in R3, binary since R4. */
static gboolean
walk_binary_fields (Cursor           *cursor,
                    MemscopeRsLayout  layout,
                    GString          *json,
                    guint            *n_bad)
{
  gboolean present = FALSE;

  if (layout == MEMSCOPE_RS_R3)
    {
      const guint8 *start = cursor->at;

      walk_document (cursor, json, "smart_pointer_info", n_bad);
      walk_document (cursor, json, "memory_layout", n_bad);
      return cursor->at > start + 2;
    }

  append_key (json, "smart_pointer_info");
  if (take_flag (cursor))
    {
      present = TRUE;
      walk_smart_pointer (cursor, json);
    }
  else
    {
      append (json, "null");
    }

  append_key (json, "memory_layout");
  if (take_flag (cursor))
    {
      present = TRUE;
      walk_memory_layout (cursor, json, n_bad);
    }
  else
    {
      append (json, "null");
    }

  return present;
}

/* Most records have none of the complex fields: a flag of 0 for each. */
static gboolean
skip_absent (Cursor           *cursor,
             MemscopeRsLayout  layout)
{
  static const guint8 absent[2 + G_N_ELEMENTS (documents)];

  if (layout < MEMSCOPE_RS_R3 || cursor->failed || (gsize)(cursor->end - cursor->at) < sizeof absent ||
      memcmp (cursor->at, absent, sizeof absent) != 0)
    return FALSE;

  cursor->at += sizeof absent;
  cursor->work++;

  return TRUE;
}

/* Everything after the fields that columns hold. */
static gboolean
walk_rest (Cursor           *cursor,
           MemscopeRsLayout  layout,
           GString          *json,
           guint            *n_bad)
{
  gboolean has_binary_fields = FALSE;

  if (layout >= MEMSCOPE_RS_R6)
    {
      walk_borrow_info (cursor, json);
      walk_clone_info (cursor, json);
      walk_flag (cursor, json, "ownership_history_available");
    }
  else
    {
      append (json, ",\"borrow_info\":null,\"clone_info\":null,\"ownership_history_available\":null");
    }

  if (json == NULL && skip_absent (cursor, layout))
    return FALSE;

  if (layout >= MEMSCOPE_RS_R3)
    {
      has_binary_fields = walk_binary_fields (cursor, layout, json, n_bad);
      for (guint i = 0; i < G_N_ELEMENTS (documents); i++)
        walk_document (cursor, json, documents[i], n_bad);
    }
  else if (json != NULL)
    {
      g_string_append (json, ",\"smart_pointer_info\":null,\"memory_layout\":null");
      for (guint i = 0; i < G_N_ELEMENTS (documents); i++)
        g_string_append_printf (json, ",\"%s\":null", documents[i]);
    }

  append (json, ",\"drop_chain_analysis\":null");

  return has_binary_fields;
}

/* ---- records ------------------------------------------------------------------------------ */

static void
take_stack (Cursor           *cursor,
            MemscopeRsRecord *record)
{
  record->n_stack = take_count (cursor, 4);
  record->stack = cursor->at;
  for (guint32 i = 0; i < record->n_stack && !cursor->failed; i++)
    take_text (cursor);
  record->stack_size = (gsize)(cursor->at - record->stack);
}

static void
take_columns (Cursor           *cursor,
              MemscopeRsLayout  layout,
              MemscopeRsRecord *record)
{
  memset (record, 0, sizeof *record);
  record->ptr = take64 (cursor);
  record->size = take64 (cursor);
  record->timestamp_alloc = take64 (cursor);
  if (layout >= MEMSCOPE_RS_R2)
    record->has_dealloc = take_optional64 (cursor, &record->timestamp_dealloc) != 0;
  record->var_name = take_optional_text (cursor, layout);
  record->type_name = take_optional_text (cursor, layout);
  if (layout >= MEMSCOPE_RS_R2)
    record->scope_name = take_optional_text (cursor, layout);
  record->thread_id = take_text (cursor);
  if (layout >= MEMSCOPE_RS_R3)
    take_stack (cursor, record);
  if (layout >= MEMSCOPE_RS_R2)
    {
      record->borrow_count = take32 (cursor);
      record->is_leaked = take8 (cursor);
      record->has_lifetime = take_optional64 (cursor, &record->lifetime_ms) != 0;
    }
  record->rest = cursor->at;
}

gboolean
memscope_rs_record_decode_columns (MemscopeRsLayout  layout,
                                   const guint8     *value,
                                   const guint8     *end,
                                   MemscopeRsRecord *record)
{
  Cursor cursor = { .at = value, .end = end };

  take_columns (&cursor, layout, record);

  return !cursor.failed;
}

gboolean
memscope_rs_record_decode (MemscopeRsLayout  layout,
                           const guint8     *value,
                           const guint8     *end,
                           MemscopeRsRecord *record,
                           guint64          *work)
{
  Cursor cursor = { .at = value, .end = end };

  take_columns (&cursor, layout, record);
  if (!cursor.failed)
    record->has_binary_fields = walk_rest (&cursor, layout, NULL, NULL) != 0;
  record->end = cursor.at;
  *work += cursor.work;

  return !cursor.failed;
}

guint
memscope_rs_record_count_bad_json (MemscopeRsLayout        layout,
                                   const MemscopeRsRecord *record)
{
  Cursor cursor = { .at = record->rest, .end = record->end };
  guint n_bad = 0;

  if (layout < MEMSCOPE_RS_R3)
    return 0;

  walk_rest (&cursor, layout, NULL, &n_bad);

  return n_bad;
}

static void
write_stack (const MemscopeRsRecord *record,
             GString                *json)
{
  Cursor cursor;

  append_key (json, "stack_trace");
  if (record->n_stack == 0)
    {
      append (json, "null");
      return;
    }

  cursor = (Cursor) { .at = record->stack, .end = record->stack + record->stack_size };
  append (json, "[");
  for (guint32 i = 0; i < record->n_stack; i++)
    {
      separate (json, i);
      append_text (json, take_text (&cursor));
    }
  append (json, "]");
}

static void
write_number (GString    *json,
              const char *key,
              gboolean    present,
              guint64     value)
{
  append_key (json, key);
  if (present)
    memscope_json_append_uint64 (json, value);
  else
    g_string_append (json, "null");
}

static void
write_text (GString        *json,
            const char     *key,
            MemscopeRsText  text)
{
  append_key (json, key);
  append_text (json, text);
}

void
memscope_rs_record_write_json (MemscopeRsLayout        layout,
                               const MemscopeRsRecord *record,
                               GString                *json)
{
  Cursor cursor = { .at = record->rest, .end = record->end };

  write_number (json, "ptr", TRUE, record->ptr);
  write_number (json, "size", TRUE, record->size);
  write_text (json, "var_name", record->var_name);
  write_text (json, "type_name", record->type_name);
  write_text (json, "scope_name", record->scope_name);
  write_text (json, "thread_id", record->thread_id);
  write_number (json, "timestamp_alloc", TRUE, record->timestamp_alloc);
  write_number (json, "timestamp_dealloc", record->has_dealloc, record->timestamp_dealloc);
  write_number (json, "borrow_count", layout >= MEMSCOPE_RS_R2, record->borrow_count);
  write_stack (record, json);
  append_key (json, "is_leaked");
  append (json, layout < MEMSCOPE_RS_R2 ? "null" : record->is_leaked != 0 ? "true" : "false");
  write_number (json, "lifetime_ms", record->has_lifetime, record->lifetime_ms);
  walk_rest (&cursor, layout, json, NULL);
}
