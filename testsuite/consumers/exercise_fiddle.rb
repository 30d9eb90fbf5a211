# SPDX-License-Identifier: MIT
# Fiddle, the interface of Ruby's standard library: functions, varargs, closures, fork.
require "fiddle"
require "fiddle/import"
require "minitest"

class FiddleExercise < Minitest::Test
  include Fiddle
  LIBC = Fiddle.dlopen(nil)
  SAMPLE = Fiddle.dlopen(ENV.fetch("CONSUMERS_SAMPLE"))

  def unary(&body)
    Closure::BlockCaller.new(TYPE_INT, [TYPE_INT], &body)
  end

  def back
    @back ||= Function.new(SAMPLE["back_i32"], [TYPE_VOIDP, TYPE_INT], TYPE_INT)
  end

  def test_qsort
    values = Array.new(2000) { |i| (i * 7919) % 2003 - 1000 }
    order = Closure::BlockCaller.new(TYPE_INT, [TYPE_VOIDP, TYPE_VOIDP]) do |a, b|
      a[0, 4].unpack1("i") <=> b[0, 4].unpack1("i")
    end
    data = values.pack("i*")
    sort = Function.new(LIBC["qsort"], [TYPE_VOIDP, TYPE_SIZE_T, TYPE_SIZE_T, TYPE_VOIDP], TYPE_VOID)
    sort.call(data, values.size, 4, order)
    assert_equal values.sort, data.unpack("i*")
  end

  def test_varargs
    print = Function.new(LIBC["snprintf"], [TYPE_VOIDP, TYPE_SIZE_T, TYPE_CONST_STRING, TYPE_VARIADIC], TYPE_INT)
    text = "\0" * 100
    print.call(text, 100, "%d %.3f %s", TYPE_INT, -5, TYPE_DOUBLE, 2.5, TYPE_CONST_STRING, "five")
    assert_equal "-5 2.500 five", text.unpack1("Z*")
  end

  def test_widths
    {"i8" => [TYPE_CHAR, -128], "u8" => [-TYPE_CHAR, 255], "i16" => [TYPE_SHORT, -32768],
     "u16" => [-TYPE_SHORT, 65535], "i32" => [TYPE_INT, -2**31], "u32" => [-TYPE_INT, 2**32 - 1],
     "i64" => [TYPE_LONG_LONG, -2**63], "u64" => [-TYPE_LONG_LONG, 2**64 - 1],
     "float" => [TYPE_FLOAT, -1.25], "double" => [TYPE_DOUBLE, 0.1]}.each do |name, (type, value)|
      assert_equal value, Function.new(SAMPLE["echo_#{name}"], [type], type).call(value), name
      seen = []
      body = Closure::BlockCaller.new(type, [type]) { |x| seen << x; x }
      assert_equal value, Function.new(SAMPLE["back_#{name}"], [TYPE_VOIDP, type], type).call(body, value), name
      assert_equal [value], seen, name
    end
  end

  def test_closures_made_and_dropped
    10000.times { |i| assert_equal i + 1, back.call(unary { |x| x + i }, 1) }
  end

  def test_many_alive
    alive = Array.new(5000) { |i| unary { |x| x + i } }
    alive.each_with_index { |f, i| assert_equal i + 2, back.call(f, 2) }
  end

  def test_recursion
    recurse = Function.new(SAMPLE["recurse"], [TYPE_VOIDP, TYPE_INT], TYPE_INT)
    body = nil
    body = unary { |depth| recurse.call(body, depth) }
    assert_equal 60, recurse.call(body, 60)
  end

  def test_fork
    old = Array.new(200) { |i| unary { |x| x + i } }
    pid = fork do
      new = Array.new(200) { |i| unary { |x| x * i } }
      good = old.each_with_index.all? { |f, i| back.call(f, 1) == i + 1 }
      good &&= new.each_with_index.all? { |f, i| back.call(f, 2) == 2 * i }
      exit!(good ? 0 : 1)
    end
    Process.wait(pid)
    assert_equal 0, $?.exitstatus
    old.each_with_index { |f, i| assert_equal i + 1, back.call(f, 1) }
  end
end
