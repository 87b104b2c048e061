/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* The messages between a collector and those who watch it; see ../PROTOCOL.md.
 * Plain C11, for both sides: nothing here allocates, and nothing trusts a byte.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MEMSCOPE_LIVE_VERSION      1u

/* A text message is at most this long, a message with bytes of the file as well. */
#define MEMSCOPE_LIVE_MAX_TEXT     16384u
#define MEMSCOPE_LIVE_MAX_MESSAGE  65536u

/* The first byte of a message that holds bytes of the file. Text begins with a small letter. */
#define MEMSCOPE_LIVE_DATA         'D'

#define MEMSCOPE_LIVE_WORD_ROOM    16u

/* ---- writing ------------------------------------------------------------- */

typedef struct
{
  char   *text;
  size_t  room;
  size_t  length;
  bool    full;      /* something did not fit: the message is of no use */
} MemscopeLiveWriter;

/* @word and keys: small letters, at most 15. */
void memscope_live_begin      (MemscopeLiveWriter *writer, char *text, size_t room, const char *word);
void memscope_live_add_bytes  (MemscopeLiveWriter *writer, const char *key, const void *bytes, size_t length);
void memscope_live_add_text   (MemscopeLiveWriter *writer, const char *key, const char *text);
void memscope_live_add_number (MemscopeLiveWriter *writer, const char *key, uint64_t number);
void memscope_live_add_uuid   (MemscopeLiveWriter *writer, const char *key, const uint8_t uuid[16]);

/* ---- reading --------------------------------------------------------------- */

/* What is left of a message. */
typedef struct
{
  const char *at;
  const char *end;
} MemscopeLiveCursor;

/* One field. @bytes is the unescaped value, followed by a NUL that @length does
 * not count (values may hold NULs of their own).
 */
typedef struct
{
  char   key[MEMSCOPE_LIVE_WORD_ROOM];
  char  *bytes;
  size_t length;
} MemscopeLiveField;

/* false: no message, or none that begins with a word. */
bool memscope_live_open      (MemscopeLiveCursor *cursor, const void *message, size_t length,
                              char word[MEMSCOPE_LIVE_WORD_ROOM]);

/* The next field, its value unescaped into @value; one longer than @room - 1 is cut
 * short. false: there is none, or what follows is no field.
 */
bool memscope_live_next      (MemscopeLiveCursor *cursor, MemscopeLiveField *field, char *value, size_t room);

/* false: @field is no decimal number of at most 64 bits, resp. no 32 hexadecimal digits. */
bool memscope_live_to_number (const MemscopeLiveField *field, uint64_t *number);
bool memscope_live_to_uuid   (const MemscopeLiveField *field, uint8_t uuid[16]);

#ifdef __cplusplus
}
#endif
