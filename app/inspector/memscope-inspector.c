#include "config.h"
#include "memscope-inspector.h"
struct _MemscopeInspector { AdwBin p; };
G_DEFINE_FINAL_TYPE (MemscopeInspector, memscope_inspector, ADW_TYPE_BIN)
static void memscope_inspector_class_init (MemscopeInspectorClass *k) {}
static void memscope_inspector_init (MemscopeInspector *s) {}
void memscope_inspector_set_state (MemscopeInspector *self, MemscopeViewState *state) {}
void memscope_inspector_set_narrow (MemscopeInspector *self, gboolean narrow) {}
