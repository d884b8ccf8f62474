#include "io/cluster/corosync/cmap.h"

#include <array>
#include <cstdlib>
#include <utility>

namespace quorate::cluster {

Cmap::~Cmap() {
  if (open_) cmap_finalize(handle_);
}

cs_error_t Cmap::open() {
  const cs_error_t code = cmap_initialize(&handle_);
  open_ = code == CS_OK;
  return code;
}

void Cmap::read(const char* prefix, std::vector<ConfigurationEntry>& entries) {
  cmap_iter_handle_t iteration{};
  if (cmap_iter_init(handle_, prefix, &iteration) != CS_OK) return;
  std::array<char, CMAP_KEYNAME_MAXLEN + 1> key{};
  std::size_t length = 0;
  cmap_value_types_t type{};
  while (cmap_iter_next(handle_, iteration, key.data(), &length, &type) == CS_OK)
    entries.push_back({key.data(), text_of(key.data(), type)});
  cmap_iter_finalize(handle_, iteration);
}

std::string Cmap::text_of(const char* key, cmap_value_types_t type) {
  if (type == CMAP_VALUETYPE_STRING) {
    char* text = nullptr;
    if (cmap_get_string(handle_, key, &text) != CS_OK) return {};
    std::string value = text;
    free(text);
    return value;
  }
  std::uint32_t number = 0;
  if (type == CMAP_VALUETYPE_UINT32 && cmap_get_uint32(handle_, key, &number) == CS_OK)
    return std::to_string(number);
  std::uint8_t flag = 0;
  if (type == CMAP_VALUETYPE_UINT8 && cmap_get_uint8(handle_, key, &flag) == CS_OK)
    return std::to_string(flag);
  return {};
}

cs_error_t Cmap::track(const char* prefix, std::function<void()> changed) {
  changed_ = std::move(changed);
  cmap_track_handle_t track{};
  return cmap_track_add(handle_, prefix,
                        CMAP_TRACK_ADD | CMAP_TRACK_DELETE | CMAP_TRACK_MODIFY | CMAP_TRACK_PREFIX,
                        notified, this, &track);
}

void Cmap::notified(cmap_handle_t, cmap_track_handle_t, std::int32_t, const char*,
                    cmap_notify_value, cmap_notify_value, void* self) {
  static_cast<Cmap*>(self)->changed_();
}

int Cmap::fd() const {
  int fd = -1;
  return cmap_fd_get(handle_, &fd) == CS_OK ? fd : -1;
}

cs_error_t Cmap::dispatch() { return cmap_dispatch(handle_, CS_DISPATCH_ALL); }

}  // namespace quorate::cluster
