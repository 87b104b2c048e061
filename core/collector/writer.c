/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "writer.h"

#include <string.h>

/* One record may be several events (a realloc that ends an inherited block is
 * three, a region that is cut any number), so the epoch has room beyond its mark;
 * what exceeds even that starts a new epoch at once, without its dictionaries.
 */
#define EPOCH_ROOM      (WRITER_EPOCH_EVENTS + 4096u)
#define SMALLEST_TO_COMPRESS 256u

/* What the end of the file takes besides the entries of the footer. */
#define END_ROOM        (16u * 1024u)
#define ENTRY_ROOM      128u

bool
writer_init (Writer       *writer,
             const Output *output)
{
  *writer = (Writer) { .output = *output };
  pages_buffer_init (&writer->raw);
  pages_buffer_init (&writer->stored);
  pages_buffer_init (&writer->chunk);
  pages_buffer_init (&writer->footer);

  writer->events = pages_map (EPOCH_ROOM * sizeof *writer->events);

  return writer->events != NULL;
}

void
writer_clear (Writer *writer)
{
  pages_unmap (writer->events, EPOCH_ROOM * sizeof *writer->events);
  writer->events = NULL;
  pages_buffer_clear (&writer->raw);
  pages_buffer_clear (&writer->stored);
  pages_buffer_clear (&writer->chunk);
  pages_buffer_clear (&writer->footer);
}

static bool
append (Writer     *writer,
        const void *bytes,
        size_t      length,
        bool        is_end)
{
  size_t keep_free = is_end ? 0 : writer->footer.length + ENTRY_ROOM + END_ROOM;

  if (writer->idle || (writer->failed && !is_end))
    return false;

  if (!writer->output.append (writer->output.data, bytes, length, keep_free))
    {
      writer->failed = true;
      return false;
    }

  writer->offset += length;

  return true;
}

bool
writer_begin (Writer             *writer,
              MemscopeFileHeader *header)
{
  memscope_file_header_seal (header);
  writer->footer.length = 0;
  writer->footer.failed = false;
  writer->offset = 0;
  writer->failed = writer->idle = false;

  return append (writer, header, sizeof *header, false);
}

/* @room for the compressed form: never more than the raw one, or it is not worth it. */
static size_t
compress_payload (Writer               *writer,
                  const MemscopeBuffer *payload)
{
  if (writer->output.compress == NULL || payload->length < SMALLEST_TO_COMPRESS)
    return 0;

  if (writer->stored.capacity < payload->length &&
      writer->stored.grow (&writer->stored, payload->length) == NULL)
    return 0;

  return writer->output.compress (writer->output.data, writer->stored.data, payload->length - 1,
                                  payload->data, payload->length);
}

static void
write_chunk (Writer               *writer,
             MemscopeChunkHead    *head,
             const MemscopeBuffer *payload,
             bool                  is_end)
{
  size_t compressed = compress_payload (writer, payload);
  MemscopeFooterEntry entry = { .offset = writer->offset };

  head->codec = compressed != 0 ? MEMSCOPE_CODEC_ZSTD : MEMSCOPE_CODEC_RAW;
  head->raw_size = (uint32_t)payload->length;

  writer->chunk.length = 0;
  memscope_chunk_write (&writer->chunk, head,
                        compressed != 0 ? writer->stored.data : payload->data,
                        compressed != 0 ? compressed : payload->length);

  if (writer->chunk.failed || !append (writer, writer->chunk.data, writer->chunk.length, is_end))
    return;

  memcpy (&entry.head, writer->chunk.data, sizeof entry.head);
  memscope_footer_append (&writer->footer, &entry);
}

void
writer_add_chunk (Writer                  *writer,
                  MemscopeChunkKind        kind,
                  const MemscopeChunkHead *head,
                  const MemscopeBuffer    *payload)
{
  MemscopeChunkHead complete = {
    .first_event = writer->first_event,
    .first_birth = writer->first_birth,
    .first_time = writer->last_time,
    .last_time = writer->last_time,
    .min_address = UINT64_MAX,
  };

  if (head != NULL)
    complete = *head;

  complete.kind = (uint16_t)kind;
  if (payload->failed || payload->length > MEMSCOPE_CHUNK_MAX_SIZE)
    return;

  write_chunk (writer, &complete, payload, false);
}

void
writer_add_event (Writer              *writer,
                  const MemscopeEvent *event)
{
  MemscopeEvent *added;

  if (writer->n_events == EPOCH_ROOM)
    writer_write_epoch (writer);

  added = &writer->events[writer->n_events++];
  *added = *event;
  added->time = writer_clamp_time (writer, event->time);
  writer->last_time = added->time;

  if (memscope_event_is_birth (event->kind))
    writer->n_births++;
}

/* A file that can't go on gets its end, in the room that was kept for it. */
void
writer_settle (Writer *writer)
{
  if (!writer->failed || !writer->endures)
    return;

  writer_end (writer, &(MemscopeEnd) {
    .reason = MEMSCOPE_END_STOPPED,
    .status = writer->output.error != NULL ? (uint32_t)writer->output.error (writer->output.data) : 0,
    .time = writer->last_time,
    .n_events = writer->first_event,
    .n_births = writer->first_birth,
    .failed_allocations = MEMSCOPE_NOT_RECORDED,
    .unmatched_frees = MEMSCOPE_NOT_RECORDED,
    .truncated_stacks = MEMSCOPE_NOT_RECORDED,
  });
}

void
writer_write_epoch (Writer *writer)
{
  MemscopeChunkHead head = { .kind = MEMSCOPE_CHUNK_EVENTS };

  if (writer->n_events == 0)
    return;

  if (writer_is_full (writer))
    writer->full_epochs++;

  if (!writer->failed && !writer->idle)
    {
      writer->raw.length = 0;
      memscope_events_encode (writer->events, writer->n_events, writer->first_event, writer->first_birth, &head,
                              &writer->raw);
      if (writer->raw.failed)
        writer->failed = true;
      else
        write_chunk (writer, &head, &writer->raw, false);
    }

  writer_settle (writer);

  /* After a failure nothing counts any more: END says what the file holds. */
  if (!writer->failed)
    {
      writer->first_event += writer->n_events;
      writer->first_birth += writer->n_births;
    }

  writer->n_events = writer->n_births = 0;
}

static void
write_footer (Writer *writer)
{
  MemscopeChunkHead head = {
    .kind = MEMSCOPE_CHUNK_FOOTER,
    .first_event = writer->first_event,
    .first_birth = writer->first_birth,
    .first_time = writer->last_time,
    .last_time = writer->last_time,
    .min_address = UINT64_MAX,
  };
  uint64_t offset = writer->offset;
  MemscopeTrailer trailer;

  if (writer->footer.failed || writer->footer.length > MEMSCOPE_CHUNK_MAX_SIZE)
    return;

  head.raw_size = (uint32_t)writer->footer.length;
  writer->chunk.length = 0;
  memscope_chunk_write (&writer->chunk, &head, writer->footer.data, writer->footer.length);
  if (writer->chunk.failed || !append (writer, writer->chunk.data, writer->chunk.length, true))
    return;

  memscope_trailer_seal (&trailer, offset, writer->offset + sizeof trailer);
  append (writer, &trailer, sizeof trailer, true);
}

void
writer_end (Writer            *writer,
            const MemscopeEnd *end)
{
  MemscopeChunkHead head = {
    .kind = MEMSCOPE_CHUNK_END,
    .first_event = writer->first_event,
    .first_birth = writer->first_birth,
    .first_time = writer->last_time,
    .last_time = writer->last_time,
    .min_address = UINT64_MAX,
  };

  writer->raw.length = 0;
  writer->raw.failed = false;
  memscope_end_append (&writer->raw, end);
  write_chunk (writer, &head, &writer->raw, true);
  write_footer (writer);

  if (writer->endures)
    {
      writer->failed = false;
      writer->idle = true;
    }
}
