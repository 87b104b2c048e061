// SPDX-License-Identifier: GPL-3.0-or-later

// The same from Rust, by the C ABI alone: what memscope.h declares, written down
// again. Memory that Rust allocates goes to C and comes back.

use std::any::type_name;
use std::ffi::{c_char, c_int, c_void, CString};

extern "C" {
    fn memscope_track_variable(ptr: *const c_void, size: usize, name: *const c_char, type_: *const c_char) -> c_int;
    fn memscope_track_clone(ptr: *const c_void, original: *const c_void) -> c_int;
    fn memscope_track_return(ptr: *const c_void) -> c_int;
    fn memscope_ffi_hand_over(ptr: *const c_void, size: usize, boundary: *const c_char) -> c_int;
    fn memscope_ffi_take_back(ptr: *const c_void, boundary: *const c_char) -> c_int;
    fn memscope_scope_begin(name: *const c_char) -> c_int;
    fn memscope_scope_end(name: *const c_char) -> c_int;
    fn memscope_mark_set(text: *const c_char) -> c_int;

    fn qsort(base: *mut c_void, n: usize, size: usize, compare: extern "C" fn(*const c_void, *const c_void) -> c_int);
}

fn text(words: &str) -> CString {
    CString::new(words).unwrap()
}

fn track<T>(data: &[T], name: &str) {
    let name = text(name);
    let type_ = text(type_name::<T>());

    unsafe { memscope_track_variable(data.as_ptr().cast(), std::mem::size_of_val(data), name.as_ptr(), type_.as_ptr()) };
}

/// A scope that ends when it is dropped.
struct Scope(CString);

impl Scope {
    fn new(name: &str) -> Scope {
        let name = text(name);

        unsafe { memscope_scope_begin(name.as_ptr()) };
        Scope(name)
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        unsafe { memscope_scope_end(self.0.as_ptr()) };
    }
}

extern "C" fn compare(a: *const c_void, b: *const c_void) -> c_int {
    unsafe { (*a.cast::<u32>()).cmp(&*b.cast::<u32>()) as c_int }
}

fn main() {
    let _scope = Scope::new("main");
    let mut numbers: Vec<u32> = (0..4096).rev().collect();
    let shared = std::rc::Rc::new([0u64; 64]);
    let boundary = text("libc");

    track(&numbers, "numbers");
    track(&shared[..], "shared");

    let second = shared.clone();
    unsafe { memscope_track_clone(second.as_ptr().cast(), shared.as_ptr().cast()) };

    let bytes = std::mem::size_of_val(&numbers[..]);
    unsafe {
        memscope_ffi_hand_over(numbers.as_ptr().cast(), bytes, boundary.as_ptr());
        qsort(numbers.as_mut_ptr().cast(), numbers.len(), 4, compare);
        memscope_ffi_take_back(numbers.as_ptr().cast(), boundary.as_ptr());
        memscope_mark_set(text("sorted").as_ptr());
    }

    drop(second);
    unsafe { memscope_track_return(shared.as_ptr().cast()) };

    println!("named 2\nbytes {}\nfirst {}", bytes, numbers[0]);
}
