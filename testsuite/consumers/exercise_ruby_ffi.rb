# SPDX-License-Identifier: MIT
# ruby-ffi: attached functions, structs by value both ways, varargs, callbacks, threads, fork.
require "ffi"
require "minitest"

module Sample
  extend FFI::Library
  ffi_lib ENV.fetch("CONSUMERS_SAMPLE"), FFI::Library::LIBC

  class Point < FFI::Struct
    layout :x, :double, :y, :double
  end

  class Big < FFI::Struct
    layout :v, [:long_long, 8]
  end

  class Mixed < FFI::Struct
    layout :d, :double, :i, :int
  end

  callback :compare, [:pointer, :pointer], :int
  callback :unary, [:int], :int
  callback :on_point, [Point.by_value], Point.by_value
  callback :on_big, [Big.by_value], Big.by_value
  attach_function :qsort, [:pointer, :size_t, :size_t, :compare], :void
  attach_function :snprintf, [:pointer, :size_t, :string, :varargs], :int
  attach_function :sum_varargs, [:string, :varargs], :double
  attach_function :back_i32, [:unary, :int], :int
  attach_function :recurse, [:unary, :int], :int
  attach_function :in_threads, [:unary, :int, :int], :int, blocking: true
  attach_function :echo_point, [Point.by_value], Point.by_value
  attach_function :echo_big, [Big.by_value], Big.by_value
  attach_function :echo_mixed, [Mixed.by_value], Mixed.by_value
  attach_function :back_point, [:on_point, Point.by_value], Point.by_value
  attach_function :back_big, [:on_big, Big.by_value], Big.by_value
  callback :on_double, [:double], :double
  attach_function :back_double, [:on_double, :double], :double
end

SCALARS = {"i8" => [:char, -128], "u8" => [:uchar, 255], "i16" => [:short, -32768], "u16" => [:ushort, 65535],
           "i32" => [:int, -2**31], "u32" => [:uint, 2**32 - 1], "i64" => [:long_long, -2**63],
           "u64" => [:ulong_long, 2**64 - 1], "float" => [:float, -1.25], "double" => [:double, 0.1]}

module Sample
  SCALARS.each do |name, (type, _)|
    attach_function "echo_#{name}", [type], type
    attach_function "scalar_#{name}", "back_#{name}", [callback([type], type), type], type
  end
end

class RubyFfiExercise < Minitest::Test
  def test_scalars_there_and_back
    SCALARS.each do |name, (_, value)|
      seen = []
      assert_equal value, Sample.public_send("echo_#{name}", value), name
      assert_equal value, Sample.public_send("scalar_#{name}", proc { |x| seen << x; x }, value), name
      assert_equal [value], seen, name
    end
  end

  def unary(&body)
    FFI::Function.new(:int, [:int], &body)
  end

  def test_qsort
    values = Array.new(2000) { |i| (i * 7919) % 2003 - 1000 }
    array = FFI::MemoryPointer.new(:int, values.size).write_array_of_int(values)
    Sample.qsort(array, values.size, 4, proc { |a, b| a.read_int <=> b.read_int })
    assert_equal values.sort, array.read_array_of_int(values.size)
  end

  def test_structs_by_value
    point = Sample::Point.new.tap { |p| p[:x] = 1.5; p[:y] = -2.5 }
    got = Sample.echo_point(point)
    assert_equal [1.5, -2.5], [got[:x], got[:y]]
    mixed = Sample::Mixed.new.tap { |m| m[:d] = 0.125; m[:i] = -9 }
    got = Sample.echo_mixed(mixed)
    assert_equal [0.125, -9], [got[:d], got[:i]]
    big = Sample::Big.new.tap { |b| 8.times { |i| b[:v][i] = i * 2**40 } }
    assert_equal Array.new(8) { |i| i * 2**40 }, Sample.echo_big(big)[:v].to_a
  end

  def test_structs_through_callbacks
    point = Sample::Point.new.tap { |p| p[:x] = 1.5; p[:y] = -2.5 }
    got = Sample.back_point(proc { |p| Sample::Point.new.tap { |q| q[:x] = p[:y]; q[:y] = p[:x] } }, point)
    assert_equal [-2.5, 1.5], [got[:x], got[:y]]
    big = Sample::Big.new.tap { |b| 8.times { |i| b[:v][i] = i } }
    assert_equal (0..7).to_a, Sample.back_big(proc { |b| b }, big)[:v].to_a
  end

  def test_varargs
    text = FFI::MemoryPointer.new(:char, 100)
    Sample.snprintf(text, 100, "%d %.3f %s", :int, -5, :double, 2.5, :string, "five")
    assert_equal "-5 2.500 five", text.read_string
    assert_equal 3.5, Sample.sum_varargs("idl", :int, 1, :double, 0.5, :long, 2)
  end

  def test_double_callback
    assert_equal 0.2, Sample.back_double(proc { |x| x * 2 }, 0.1)
  end

  def test_closures_made_and_dropped
    10000.times { |i| assert_equal i + 1, Sample.back_i32(unary { |x| x + i }, 1) }
    GC.start
  end

  def test_freed_by_hand
    2000.times do |i|
      f = unary { |x| x + i }
      assert_equal i + 1, f.call(1)
      f.free
    end
  end

  def test_many_alive
    alive = Array.new(5000) { |i| unary { |x| x + i } }
    alive.each_with_index { |f, i| assert_equal i + 2, Sample.back_i32(f, 2) }
  end

  def test_recursion
    body = nil
    body = unary { |depth| Sample.recurse(body, depth) }
    assert_equal 60, Sample.recurse(body, 60)
  end

  def test_called_by_foreign_threads
    assert_equal 0, Sample.in_threads(unary { |x| x + 1 }, 4, 100)
  end

  def test_fork
    old = Array.new(200) { |i| unary { |x| x + i } }
    pid = fork do
      new = Array.new(200) { |i| unary { |x| x * i } }
      good = old.each_with_index.all? { |f, i| f.call(1) == i + 1 }
      good &&= new.each_with_index.all? { |f, i| Sample.back_i32(f, 2) == 2 * i }
      exit!(good ? 0 : 1)
    end
    Process.wait(pid)
    assert_equal 0, $?.exitstatus
    old.each_with_index { |f, i| assert_equal i + 1, Sample.back_i32(f, 1) }
  end
end
