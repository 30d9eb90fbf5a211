// SPDX-License-Identifier: MIT
// Classification and compilation for a convention that need not be this machine's.
#include "tools/ffi-explain/compiled.h"

namespace ffi::explain {

Status Compiled::compile(const Convention &convention, ffi_type *result,
                         const std::vector<ffi_type *> &arguments, std::size_t named) {
  failed_value_ = the_result;
  if (const Status status =
          convention.classify(convention, *result, Role::result, &signature_.result);
      status != Status::ok) {
    return status;
  }
  passings_.assign(arguments.size(), {});
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    failed_value_ = i;
    const Role role = i < named ? Role::named_argument : Role::variadic_argument;
    if (arguments[i]->size > max_stack_bytes) return Status::bad_typedef;
    if (const Status status = convention.classify(convention, *arguments[i], role, &passings_[i]);
        status != Status::ok) {
      return status;
    }
  }
  failed_value_ = the_whole;
  signature_.arguments = passings_.data();
  signature_.nargs = static_cast<std::uint32_t>(arguments.size());
  memory_ = std::make_unique<std::uint64_t[]>((plan_bound(convention, signature_) + 7) / 8);
  return ffi::compile(convention, signature_, reinterpret_cast<Plan *>(memory_.get()));
}

}  // namespace ffi::explain
