// SPDX-License-Identifier: MIT
// The signature parser: what each spelling means, on several data models, and the place of every
// error.
#include "tools/ffi-explain/signature.h"

#include <gtest/gtest.h>

namespace ffi::explain {
namespace {

constexpr DataModel lp64;
constexpr DataModel ilp32 = {
    .pointer = 4, .long_double = 12, .long_double_alignment = 4, .wide_alignment = 4};

std::string shape(const ffi_type &type) {
  switch (code_of(type)) {
    case TypeCode::struct_:
    case TypeCode::vector:
    case TypeCode::complex: {
      std::string text = code_of(type) == TypeCode::struct_  ? "{"
                         : code_of(type) == TypeCode::vector ? "<"
                                                             : "(";
      for (ffi_type **member = type.elements; *member != nullptr; ++member) {
        if (member != type.elements) text += " ";
        text += shape(**member);
      }
      return text + (code_of(type) == TypeCode::struct_  ? "}"
                     : code_of(type) == TypeCode::vector ? ">"
                                                         : ")");
    }
    case TypeCode::void_: return "void";
    case TypeCode::pointer: return "p" + std::to_string(type.size);
    default: break;
  }
  const char *const kind = is_floating(code_of(type)) ? "f" : is_signed(code_of(type)) ? "s" : "u";
  return kind + std::to_string(type.size);
}

// "result(argument argument ...; variadic)"
std::string shape(const std::string &text, const DataModel &model = lp64,
                  bool char_is_signed = true) {
  Types types(model);
  try {
    const SignatureText signature = parse_signature(text, types, char_is_signed);
    std::string result = shape(*signature.result.type) + "(";
    for (std::size_t i = 0; i < signature.arguments.size(); ++i) {
      if (i != 0) result += signature.variadic && i == signature.named ? "; " : " ";
      result += shape(*signature.arguments[i].type);
    }
    return result + (signature.variadic ? "...)" : ")");
  } catch (const SyntaxError &error) {
    return std::to_string(error.at) + ": " + error.text;
  }
}

TEST(Signature, Scalars) {
  EXPECT_EQ(shape("void()"), "void()");
  EXPECT_EQ(shape("void(void)"), "void()");
  EXPECT_EQ(shape("int(char, signed char, unsigned char, bool, _Bool)"), "s4(s1 s1 u1 u1 u1)");
  EXPECT_EQ(shape("int(char)", lp64, false), "s4(u1)");
  EXPECT_EQ(shape("int(signed char)", lp64, false), "s4(s1)");
  EXPECT_EQ(shape("short(unsigned short, short int, unsigned short int)"), "s2(u2 s2 u2)");
  EXPECT_EQ(shape("int(unsigned, signed, unsigned int, signed int)"), "s4(u4 s4 u4 s4)");
  EXPECT_EQ(shape("long(unsigned long, long int, long unsigned)"), "s8(u8 s8 u8)");
  EXPECT_EQ(shape("long(unsigned long, long long, long unsigned int long)", ilp32), "s4(u4 s8 u8)");
  EXPECT_EQ(shape("float(double, long double, double long)"), "f4(f8 f16 f16)");
  EXPECT_EQ(shape("__int128(unsigned __int128, __int128_t, __uint128_t)"), "s16(u16 s16 u16)");
  EXPECT_EQ(shape("void(int8_t, uint8_t, int16_t, uint16_t, int32_t, uint32_t, int64_t, uint64_t)"),
            "void(s1 u1 s2 u2 s4 u4 s8 u8)");
  EXPECT_EQ(shape("void(size_t, ssize_t, intptr_t, uintptr_t, ptrdiff_t)"), "void(u8 s8 s8 u8 s8)");
  EXPECT_EQ(shape("void(size_t, ssize_t)", ilp32), "void(u4 s4)");
}

TEST(Signature, LongDoubleIsThatOfTheModel) {
  EXPECT_EQ(shape("void(long double, long double _Complex)", ilp32), "void(f12 (f12))");
  const DataModel eight = {.long_double = 8, .long_double_alignment = 8};
  EXPECT_EQ(shape("void(long double)", eight), "void(f8)");
  Types types(eight);
  EXPECT_EQ(code_of(*parse_signature("void(long double)", types, true).arguments[0].type),
            TypeCode::double_);
}

TEST(Signature, ComplexAndVectors) {
  EXPECT_EQ(shape("_Complex float(double _Complex, complex long double, _Complex)"),
            "(f4)((f8) (f16) (f8))");
  EXPECT_EQ(shape("v4f32(v2f64, v2i64, v8i16, v16u8, v1f64)"),
            "<f4 f4 f4 f4>(<f8 f8> <s8 s8> <s2 s2 s2 s2 s2 s2 s2 s2> "
            "<u1 u1 u1 u1 u1 u1 u1 u1 u1 u1 u1 u1 u1 u1 u1 u1> <f8>)");
}

TEST(Signature, Pointers) {
  EXPECT_EQ(shape("void *(char *, const char *const *, void *restrict)"), "p8(p8 p8 p8)");
  EXPECT_EQ(shape("char *(char *)", ilp32), "p4(p4)");
  EXPECT_EQ(shape("void(int (*)(void), void (*cb)(int, ...), int f(int), int a[], int b[3][4], "
                  "char (*row)[8])"),
            "void(p8 p8 p8 p8 p8 p8)");
  EXPECT_EQ(shape("void(struct unknown *)"), "void(p8)");
}

TEST(Signature, Structs) {
  EXPECT_EQ(shape("void(struct{long a; float b;})"), "void({s8 f4})");
  EXPECT_EQ(shape("void(struct{})"), "void({})");
  EXPECT_EQ(shape("void(struct { double x, y; char *name; })"), "void({f8 f8 p8})");
  EXPECT_EQ(shape("void(struct { int a[3]; short b[2][2]; })"), "void({s4 s4 s4 s2 s2 s2 s2})");
  EXPECT_EQ(shape("void(struct { int (*callbacks[2])(int); int *pointers[2]; char (*row)[8]; })"),
            "void({p8 p8 p8 p8 p8})");
  EXPECT_EQ(shape("void(struct { struct { char c; }; struct { int i; } inner; })"),
            "void({{s1} {s4}})");
  EXPECT_EQ(shape("struct p { float x; } f(struct p, const struct p, struct q { struct p a[2]; })"),
            "{f4}({f4} {f4} {{f4} {f4}})");
  EXPECT_EQ(shape("void(struct {char c; double d})"), "void({s1 f8})");
}

TEST(Signature, TypesAreLaidOutForTheModel) {
  for (const auto &[model, size] : {std::pair<DataModel, std::size_t>{lp64, 16}, {ilp32, 12}}) {
    Types types(model);
    const SignatureText signature =
        parse_signature("void(struct { char c; double d; })", types, true);
    EXPECT_EQ(signature.arguments[0].type->size, size);
  }
}

TEST(Signature, NamesAndTexts) {
  Types types(lp64);
  const SignatureText signature = parse_signature(
      "  unsigned  long\tsum ( const  char * text ,struct{int a;}s, int (*call)(int) ) ; ", types,
      true);
  EXPECT_EQ(signature.name, "sum");
  EXPECT_EQ(signature.result.text, "unsigned long");
  ASSERT_EQ(signature.arguments.size(), 3u);
  EXPECT_EQ(signature.arguments[0].text, "const char * text");
  EXPECT_EQ(signature.arguments[0].name, "text");
  EXPECT_EQ(signature.arguments[1].text, "struct{int a;}s");
  EXPECT_EQ(signature.arguments[2].name, "call");
}

TEST(Signature, Variadic) {
  EXPECT_EQ(shape("int(char *, ...)"), "s4(p8...)");
  EXPECT_EQ(shape("int(char *, ...; int, double)"), "s4(p8; s4 f8...)");
  EXPECT_EQ(shape("double(int, struct{long a; float b;}, char*, ...; double)"),
            "f8(s4 {s8 f4} p8; f8...)");
  EXPECT_EQ(shape("int(...; long)"), "s4(s8...)");
}

// ---- Errors --------------------

struct Wrong {
  const char *text;
  const char *error;
};

class SignatureError : public testing::TestWithParam<Wrong> {};

TEST_P(SignatureError, SaysWhatAndWhere) { EXPECT_EQ(shape(GetParam().text), GetParam().error); }

INSTANTIATE_TEST_SUITE_P(
    All, SignatureError,
    testing::Values(
        Wrong{"", "0: expected a type, found the end"},
        Wrong{"int", "3: expected '(' and the parameters, found the end"},
        Wrong{"int(", "4: expected a type, found the end"},
        Wrong{"int(int", "7: expected ',' or ')' after a parameter, found the end"},
        Wrong{"int(int,)", "8: expected a type, found ')'"},
        Wrong{"int(int) x", "9: expected the end of the signature, found 'x'"},
        Wrong{"int(int};", "7: expected ',' or ')' after a parameter, found '}'"},
        Wrong{"foo(int)", "0: unknown type 'foo'"}, Wrong{"int(foo)", "4: unknown type 'foo'"},
        Wrong{"int(int, void)", "9: an argument cannot be void"},
        Wrong{"int(void, int)", "4: an argument cannot be void"},
        Wrong{"int(unsigned float)", "4: C has no type 'unsigned float'"},
        Wrong{"int(long long long)", "4: C has no type 'long long long'"},
        Wrong{"int(short char)", "4: C has no type 'short char'"},
        Wrong{"int(long float)", "4: C has no type 'long float'"},
        Wrong{"int(_Complex int)", "4: C has no type '_Complex int'"},
        Wrong{"int(_Complex bool)", "4: C has no type '_Complex bool'"},
        Wrong{"int(void int)", "4: C has no type 'void int'"},
        Wrong{"int(unsigned signed)", "4: C has no type 'unsigned signed'"},
        Wrong{"int(union { int a; })",
              "4: a union has no ffi_type; write a struct that is passed alike"},
        Wrong{"int(enum color)", "4: write the integer type that stands for the enum"},
        Wrong{"int(struct)", "10: expected a tag or '{' after 'struct', found ')'"},
        Wrong{"int(struct s)", "11: 'struct s' was not described before"},
        Wrong{"int(struct s { int a; }, struct s { int b; })", "32: 'struct s' is described twice"},
        Wrong{"int(struct { int a }", "20: expected ',' or ')' after a parameter, found the end"},
        Wrong{"int(struct { int a int b; })", "19: expected ';' and the next member, found 'int'"},
        Wrong{"int(struct { void v; })", "13: a member cannot be void"},
        Wrong{"int(struct { int bits : 3; })", "22: bit-fields cannot be described to the library"},
        Wrong{"int(struct { int f(int); })",
              "18: a member cannot be a function; a pointer to one is '(*name)(...)'"},
        Wrong{"int(struct { int a[]; })", "19: a member's array needs its length"},
        Wrong{"int(struct { int a[0]; })", "19: an array has at least one element"},
        Wrong{"int(struct { int a[99999999]; })", "19: too many members"},
        Wrong{"int(struct { int a[300][300]; })", "24: too many members"},
        Wrong{"int(struct { int a[x]; })", "19: expected a number or ']', found 'x'"},
        Wrong{"int(struct { int a[3; })", "20: expected ']' and the rest, found ';'"},
        Wrong{"int(int, ..., int)", "12: expected ',' or ')' after '...', found ','"},
        Wrong{"int(int, ...; float)", "14: C passes a float in place of '...' as a double"},
        Wrong{"int(int, ...; int, char)",
              "19: C passes so narrow an integer in place of '...' as an int"},
        Wrong{"int(int, ...;)", "13: expected a type, found ')'"},
        Wrong{"int(v3x32)", "4: unknown type 'v3x32'"},
        Wrong{"int(v4f16)", "4: unknown type 'v4f16'"},
        Wrong{"int(v0f32)", "4: unknown type 'v0f32'"},
        Wrong{"int(v65u8)", "4: unknown type 'v65u8'"},
        Wrong{"int(int @)", "8: '@' has no place in a signature"},
        Wrong{"int(\x01)", "4: this character has no place in a signature"},
        Wrong{"int(int (*)(int)", "16: expected ',' or ')' after a parameter, found the end"},
        Wrong{"int(int (*x)", "12: expected ',' or ')' after a parameter, found the end"}));

TEST(SignatureErrorDepth, NestingIsLimited) {
  std::string deep = "int(";
  for (int i = 0; i < 100000; ++i) deep += "struct{";
  EXPECT_EQ(shape(deep).substr(shape(deep).find(' ')), " structs nest too deeply");
  std::string calls = "int(";
  for (int i = 0; i < 100000; ++i) calls += "int (*)(";
  EXPECT_NE(shape(calls).find("declarations nest too deeply"), std::string::npos);
  std::string fine = "int(";
  for (int i = 0; i < 70; ++i) fine += "struct{";
  fine += "int x;";
  for (int i = 0; i < 70; ++i) fine += "}";
  EXPECT_EQ(shape(fine + ")").find("s4("), 0u);
}

}  // namespace
}  // namespace ffi::explain
