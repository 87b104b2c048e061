// SPDX-License-Identifier: GPL-3.0-or-later
// Something for the compiler to think about: much of the standard library, and templates of it.

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <random>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

template <int N> struct Shelf
{
  std::map<std::string, std::vector<std::tuple<int, std::string, std::array<char, N>>>> rows;
  std::variant<int, std::string, std::vector<double>> last;

  void add (const std::string &key, int i)
  {
    rows[key].emplace_back (i, key + std::to_string (N), std::array<char, N> {});
    std::sort (rows[key].begin (), rows[key].end ());
    last = key;
  }

  int sum ()
  {
    int result = 0;

    for (auto &[key, row] : rows)
      result += std::accumulate (row.begin (), row.end (), N, [] (int a, auto &entry) { return a + std::get<0> (entry); });

    return result + std::visit ([] (auto &value) { return (int) sizeof value; }, last);
  }
};

template <int... I> int sum_of_shelves (std::integer_sequence<int, I...>)
{
  int result = 0;

  (([&] {
     Shelf<I + 1> shelf;

     shelf.add ("a", I);
     shelf.add ("b", I * 2);
     result += shelf.sum ();
   } ()),
   ...);

  return result;
}

int main ()
{
  std::regex words ("([a-z]+)-(\\d+)");

  std::cout << sum_of_shelves (std::make_integer_sequence<int, 3> ()) << std::regex_match ("ab-12", words)
            << std::filesystem::current_path ();
}
