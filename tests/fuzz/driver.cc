// Runs a fuzz target without libFuzzer: replays the files of a corpus, then feeds it mutations of
// them for a while. Prints the seed and writes the input that was being tried, so that a crash can
// be replayed:
//   fuzz_x [--seconds N] [--seed S] FILE_OR_FOLDER...
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;
using Input = std::string;

constexpr std::size_t kMaxInput = 64 * 1024;

std::vector<Input> read_corpus(const std::vector<std::string>& places) {
  std::vector<Input> corpus;
  const auto add = [&](const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  };
  for (const std::string& place : places) {
    if (fs::is_regular_file(place)) add(place);
    if (!fs::is_directory(place)) continue;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(place)) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) add(file);
  }
  if (corpus.empty()) corpus.emplace_back("<a b='c'/>");
  return corpus;
}

class Mutator {
 public:
  Mutator(std::vector<Input> corpus, std::uint64_t seed)
      : corpus_(std::move(corpus)), random_(seed) {}

  Input next() {
    Input input = any_of(corpus_);
    for (std::size_t steps = below(6) + 1; steps > 0; --steps) mutate(input);
    if (input.size() > kMaxInput) input.resize(kMaxInput);
    return input;
  }

 private:
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }
  const Input& any_of(const std::vector<Input>& list) { return list[below(list.size())]; }

  /// A piece of some input, preferably a whole word, attribute or element.
  Input piece() {
    const Input& from = any_of(corpus_);
    static constexpr char kEdges[] = "<>\"' ;:=/\n";
    const std::size_t start = from.find_first_of(kEdges, below(from.size() + 1));
    if (start == Input::npos) return from.substr(below(from.size() + 1), 8);
    std::size_t end = start;
    for (std::size_t edges = below(4) + 1; edges > 0 && end != Input::npos; --edges) {
      end = from.find_first_of(kEdges, end + 1);
    }
    return from.substr(start, end == Input::npos ? end : end - start + below(2));
  }

  void mutate(Input& input) {
    static const std::vector<Input> kWords = {
        "INFINITY", "-INFINITY", "0",          "-1",       "99999999999999999999",
        "",         "true",      "PT1H",       "#default", "Promoted",
        "\xff\xfe", "&#0;",      "&lt;",       "]]>",      "<!--",
        "%0",       ":0",        "1;2;3:4:5:6"};
    const std::size_t at = below(input.size() + 1);
    switch (below(8)) {
      case 0:
        if (at < input.size()) input[at] = static_cast<char>(random_());
        break;
      case 1:
        input.erase(at, below(16));
        break;
      case 2:
        input.insert(at, any_of(kWords));
        break;
      case 3:
        input.insert(at, piece());
        break;
      case 4:
        input.erase(at, below(input.size() + 1));
        break;
      case 5:
        input.insert(at, input.substr(below(input.size() + 1), below(200)));
        break;
      case 6: {  // another value for some attribute
        const std::size_t quote = input.find('"', at);
        const std::size_t end = quote == Input::npos ? quote : input.find('"', quote + 1);
        if (end != Input::npos) input.replace(quote + 1, end - quote - 1, any_of(kWords));
        break;
      }
      default:
        input.replace(at, below(12), piece());
        break;
    }
  }

  std::vector<Input> corpus_;
  std::mt19937_64 random_;
};

void try_input(const Input& input, const std::string& crash_file) {
  // Written first: if the target dies, the file is what killed it.
  std::ofstream(crash_file, std::ios::binary | std::ios::trunc) << input;
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> places;
  double seconds = 0;
  std::uint64_t seed = std::random_device{}();
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--seconds" && i + 1 < argc) {
      seconds = std::atof(argv[++i]);
    } else if (word == "--seed" && i + 1 < argc) {
      seed = std::strtoull(argv[++i], nullptr, 10);
    } else {
      places.push_back(word);
    }
  }
  const std::string crash_file =
      (fs::temp_directory_path() / (fs::path(argv[0]).filename().string() + ".input")).string();
  const std::vector<Input> corpus = read_corpus(places);
  std::printf("seed %llu; the input being tried is in %s\n", static_cast<unsigned long long>(seed),
              crash_file.c_str());
  std::fflush(stdout);
  for (const Input& input : corpus) try_input(input, crash_file);
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  Mutator mutator(corpus, seed);
  std::uint64_t tried = corpus.size();
  while (Clock::now() < end) {
    try_input(mutator.next(), crash_file);
    ++tried;
  }
  fs::remove(crash_file);
  std::printf("%llu inputs\n", static_cast<unsigned long long>(tried));
  return 0;
}
