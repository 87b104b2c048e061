/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-live-message.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char digits[] = "0123456789abcdef";

/* ---- writing ---------------------------------------------------------------- */

static void
put (MemscopeLiveWriter *writer,
     char                byte)
{
  if (writer->length < writer->room)
    writer->text[writer->length++] = byte;
  else
    writer->full = true;
}

static void
put_word (MemscopeLiveWriter *writer,
          const char         *word)
{
  while (*word != '\0')
    put (writer, *word++);
}

/* What would end a value, or can't be seen: the rest of the bytes go as they are. */
static bool
is_plain (unsigned char byte)
{
  return byte > 0x20 && byte != '%' && byte != 0x7f;
}

void
memscope_live_begin (MemscopeLiveWriter *writer,
                     char               *text,
                     size_t              room,
                     const char         *word)
{
  *writer = (MemscopeLiveWriter) { .text = text, .room = room };
  put_word (writer, word);
}

void
memscope_live_add_bytes (MemscopeLiveWriter *writer,
                         const char         *key,
                         const void         *bytes,
                         size_t              length)
{
  const unsigned char *byte = bytes;

  put (writer, ' ');
  put_word (writer, key);
  put (writer, '=');

  for (size_t i = 0; i < length; i++)
    {
      if (is_plain (byte[i]))
        {
          put (writer, (char)byte[i]);
          continue;
        }

      put (writer, '%');
      put (writer, digits[byte[i] >> 4]);
      put (writer, digits[byte[i] & 15]);
    }
}

void
memscope_live_add_text (MemscopeLiveWriter *writer,
                        const char         *key,
                        const char         *text)
{
  memscope_live_add_bytes (writer, key, text, strlen (text));
}

void
memscope_live_add_number (MemscopeLiveWriter *writer,
                          const char         *key,
                          uint64_t            number)
{
  char text[24];

  snprintf (text, sizeof text, "%" PRIu64, number);
  memscope_live_add_text (writer, key, text);
}

void
memscope_live_add_uuid (MemscopeLiveWriter *writer,
                        const char         *key,
                        const uint8_t       uuid[16])
{
  char text[32];

  for (unsigned i = 0; i < 16; i++)
    {
      text[2 * i] = digits[uuid[i] >> 4];
      text[2 * i + 1] = digits[uuid[i] & 15];
    }

  memscope_live_add_bytes (writer, key, text, sizeof text);
}

/* ---- reading ------------------------------------------------------------------ */

static bool
read_word (MemscopeLiveCursor *cursor,
           char                word[MEMSCOPE_LIVE_WORD_ROOM])
{
  size_t length = 0;

  while (cursor->at < cursor->end && length < MEMSCOPE_LIVE_WORD_ROOM - 1 &&
         ((*cursor->at >= 'a' && *cursor->at <= 'z') || *cursor->at == '-'))
    word[length++] = *cursor->at++;

  word[length] = '\0';

  return length > 0;
}

bool
memscope_live_open (MemscopeLiveCursor *cursor,
                    const void         *message,
                    size_t              length,
                    char                word[MEMSCOPE_LIVE_WORD_ROOM])
{
  if (length > MEMSCOPE_LIVE_MAX_TEXT)
    return false;

  cursor->at = message;
  cursor->end = cursor->at + length;

  return read_word (cursor, word) && (cursor->at == cursor->end || *cursor->at == ' ');
}

static int
digit_value (char digit)
{
  if (digit >= '0' && digit <= '9')
    return digit - '0';
  if (digit >= 'a' && digit <= 'f')
    return digit - 'a' + 10;

  return -1;
}

/* One byte of a value; false: the value ends here. */
static bool
read_byte (MemscopeLiveCursor *cursor,
           char               *byte)
{
  int high, low;

  if (cursor->at == cursor->end || *cursor->at == ' ')
    return false;

  *byte = *cursor->at++;
  if (*byte != '%')
    return true;

  if (cursor->end - cursor->at < 2 ||
      (high = digit_value (cursor->at[0])) < 0 || (low = digit_value (cursor->at[1])) < 0)
    return true;   /* no escape after all: a percent sign */

  *byte = (char)(high << 4 | low);
  cursor->at += 2;

  return true;
}

bool
memscope_live_next (MemscopeLiveCursor *cursor,
                    MemscopeLiveField  *field,
                    char               *value,
                    size_t              room)
{
  char byte;

  if (cursor->at == cursor->end || *cursor->at != ' ')
    return false;

  cursor->at++;
  if (!read_word (cursor, field->key) || cursor->at == cursor->end || *cursor->at != '=')
    return false;

  cursor->at++;
  field->bytes = value;
  field->length = 0;
  while (read_byte (cursor, &byte))
    {
      if (field->length < room - 1)
        value[field->length++] = byte;
    }
  value[field->length] = '\0';

  return true;
}

bool
memscope_live_to_number (const MemscopeLiveField *field,
                         uint64_t                *number)
{
  uint64_t value = 0;

  if (field->length == 0 || field->length > 20)
    return false;

  for (size_t i = 0; i < field->length; i++)
    {
      int digit = digit_value (field->bytes[i]);

      if (digit < 0 || digit > 9 ||
          __builtin_mul_overflow (value, UINT64_C (10), &value) ||
          __builtin_add_overflow (value, (uint64_t)digit, &value))
        return false;
    }

  *number = value;

  return true;
}

bool
memscope_live_to_uuid (const MemscopeLiveField *field,
                       uint8_t                  uuid[16])
{
  if (field->length != 32)
    return false;

  for (unsigned i = 0; i < 16; i++)
    {
      int high = digit_value (field->bytes[2 * i]), low = digit_value (field->bytes[2 * i + 1]);

      if (high < 0 || low < 0)
        return false;
      uuid[i] = (uint8_t)(high << 4 | low);
    }

  return true;
}
