/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Loaded into the web process of our pages: hands bytes that come as a file of
 * shared memory to the page's script.
 *
 *   message "bytes", parameters s (a name), one descriptor
 *     → memscopeReceive (name, Uint8Array) in the page
 *     → reply "bytes", parameters s: what the function returned, as text
 *
 * A copy is made, for WebKit's own arrays must lie in memory of its choosing; it is
 * an order of magnitude faster than anything that goes through the network process.
 */

#include <gio/gunixfdlist.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <webkit/webkit-web-process-extension.h>

#define MAX_BYTES (G_GUINT64_CONSTANT (2) << 30)

G_MODULE_EXPORT void webkit_web_process_extension_initialize_with_user_data (WebKitWebProcessExtension *extension,
                                                                             const GVariant            *user_data);

static JSCContext *
get_context (WebKitWebPage *page)
{
  WebKitFrame *frame;

  /* Deprecated for the sake of pages with frames of other sites. Ours has one. */
G_GNUC_BEGIN_IGNORE_DEPRECATIONS
  frame = webkit_web_page_get_main_frame (page);
G_GNUC_END_IGNORE_DEPRECATIONS

  return webkit_frame_get_js_context (frame);
}

/* NULL: the descriptor is not what it should be, or there is no memory. */
static JSCValue *
array_of_file (JSCContext *context,
               int         fd)
{
  g_autoptr(JSCValue) array = NULL;
  struct stat status;
  gsize length = 0;
  void *target, *source;

  if (fstat (fd, &status) != 0 || !S_ISREG (status.st_mode) || status.st_size < 0 || (guint64) status.st_size > MAX_BYTES)
    return NULL;

  array = jsc_value_new_typed_array (context, JSC_TYPED_ARRAY_UINT8, (gsize) status.st_size);
  target = jsc_value_is_typed_array (array) ? jsc_value_typed_array_get_data (array, &length) : NULL;
  if (target == NULL || length != (gsize) status.st_size)
    return NULL;
  if (length == 0)
    return g_steal_pointer (&array);

  source = mmap (NULL, length, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
  if (source == MAP_FAILED)
    return NULL;
  memcpy (target, source, length);
  munmap (source, length);

  return g_steal_pointer (&array);
}

static void
reply (WebKitUserMessage *message,
       const char        *text)
{
  webkit_user_message_send_reply (message, webkit_user_message_new ("bytes", g_variant_new_string (text)));
}

static gboolean
user_message_received (WebKitWebPage     *page,
                       WebKitUserMessage *message,
                       gpointer           user_data)
{
  GUnixFDList *descriptors = webkit_user_message_get_fd_list (message);
  GVariant *parameters = webkit_user_message_get_parameters (message);
  g_autoptr(JSCContext) context = NULL;
  g_autoptr(JSCValue) array = NULL;
  g_autoptr(JSCValue) global = NULL;
  g_autoptr(JSCValue) result = NULL;
  g_autofree char *text = NULL;
  int fd;

  if (!g_str_equal (webkit_user_message_get_name (message), "bytes") ||
      descriptors == NULL || g_unix_fd_list_get_length (descriptors) != 1 ||
      parameters == NULL || !g_variant_is_of_type (parameters, G_VARIANT_TYPE_STRING))
    return FALSE;

  fd = g_unix_fd_list_get (descriptors, 0, NULL);
  if (fd < 0)
    return FALSE;

  context = get_context (page);
  array = array_of_file (context, fd);
  close (fd);
  if (array == NULL)
    {
      reply (message, "error: the bytes could not be taken");
      return TRUE;
    }

  global = jsc_context_get_global_object (context);
  result = jsc_value_object_invoke_method (global, "memscopeReceive",
                                           G_TYPE_STRING, g_variant_get_string (parameters, NULL),
                                           JSC_TYPE_VALUE, array,
                                           G_TYPE_NONE);
  if (jsc_context_get_exception (context) != NULL)
    {
      g_autofree char *report = jsc_exception_report (jsc_context_get_exception (context));
      g_autofree char *words = g_strconcat ("error: ", report, NULL);

      jsc_context_clear_exception (context);
      reply (message, words);
      return TRUE;
    }

  text = jsc_value_to_string (result);
  reply (message, text != NULL ? text : "");

  return TRUE;
}

static void
page_created (WebKitWebProcessExtension *extension,
              WebKitWebPage             *page,
              gpointer                   user_data)
{
  g_signal_connect (page, "user-message-received", G_CALLBACK (user_message_received), NULL);
}

G_MODULE_EXPORT void
webkit_web_process_extension_initialize_with_user_data (WebKitWebProcessExtension *extension,
                                                        const GVariant            *user_data)
{
  g_signal_connect (extension, "page-created", G_CALLBACK (page_created), NULL);
}
