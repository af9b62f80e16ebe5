/* What a module for Linux says of itself, without the kernel's own headers. */

struct kernel_param;

struct kernel_param_ops {
  unsigned int flags;
  int (*set)(const char *text, const struct kernel_param *param);
  int (*get)(char *text, const struct kernel_param *param);
  void (*free)(void *argument);
};

struct kernel_param {
  const char *name;
  void *module;
  const struct kernel_param_ops *ops;
  unsigned short permissions;
  signed char level;
  unsigned char flags;
  void *argument;
};

extern char __this_module[];

#define module_parameter(word, setter)                                                       \
  static const struct kernel_param_ops word##_ops = {.set = setter};                        \
  static const struct kernel_param word##_param __attribute__((used, section("__param"), aligned(8))) = { \
      #word, __this_module, &word##_ops, 0200, -1, 0, 0}
