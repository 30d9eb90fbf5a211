// SPDX-License-Identifier: MIT
// Types of any target, built from its data model: a C type's size never comes from the machine the
// tool runs on.
#pragma once

#include <deque>
#include <vector>

#include "abi/convention.h"
#include "types/layout.h"

namespace ffi::explain {

// Makes and owns descriptors. They live as long as this does.
class Types {
 public:
  explicit Types(const DataModel &model) : model_(model) {}
  Types(const Types &) = delete;
  Types &operator=(const Types &) = delete;

  const DataModel &model() const { return model_; }

  // One descriptor for each code; aggregates have functions of their own. A long double of 8 bytes
  // is a double.
  ffi_type *scalar(TypeCode code);
  ffi_type *sized_integer(std::size_t bytes, bool is_signed);
  // `part' is the code of a floating type.
  ffi_type *complex(TypeCode part);
  // Laid out already; status says whether that worked.
  ffi_type *vector(TypeCode lane, std::size_t lanes, Status *status);
  ffi_type *structure(std::vector<ffi_type *> members, Status *status);
  // Copies of a scalar's descriptor that claim another alignment: a packed struct's members.
  ffi_type *realigned(const ffi_type &scalar, unsigned short alignment);

 private:
  ffi_type *add(const ffi_type &type, std::vector<ffi_type *> elements);

  DataModel model_;
  ffi_type *scalars_[static_cast<unsigned>(TypeCode::count)] = {};
  ffi_type *complexes_[static_cast<unsigned>(TypeCode::count)] = {};
  std::deque<ffi_type> types_;
  std::deque<std::vector<ffi_type *>> lists_;
};

}  // namespace ffi::explain
