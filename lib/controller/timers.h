#pragma once

#include "messages/core.h"

namespace quorate::controller {

// Timers of the controller; those of transitions are in transitions.h.
inline constexpr TimerId kHelloTimer = 1;     ///< hellos are due
inline constexpr TimerId kAliveTimer = 2;     ///< DC: next sign of life
inline constexpr TimerId kDcSilentTimer = 3;  ///< the DC has shown no life
inline constexpr TimerId kStableTimer = 4;    ///< membership hasn't changed
inline constexpr TimerId kDecideTimer = 5;    ///< nodes never seen count as down
inline constexpr TimerId kQuorumGainTimer = 6;
inline constexpr TimerId kIntegrationTimer = 7;  ///< join reports are due
inline constexpr TimerId kEscalationTimer = 8;   ///< shutdown took too long
inline constexpr TimerId kCibGoneTimer = 9;
inline constexpr TimerId kExecutorGoneTimer = 13;
inline constexpr TimerId kForeignTimer = 14;  ///< actions of no graph should have ended
inline constexpr TimerId kReturnTimer = 16;   ///< members that came back should have reported
inline constexpr TimerId kPendingTimer = 17;  ///< actions have run for so long that it is shown
inline constexpr TimerId kWriteTimer = 18;    ///< history is to be written
inline constexpr TimerId kStandbyTimer = 19;  ///< who is next in line is to have a copy of the CIB
inline constexpr TimerId kProcessLostTimers = TimerId{1} << 20;  ///< plus the node's number

inline constexpr std::int64_t kHelloMs = 5'000;
inline constexpr std::int64_t kAliveMs = 1'000;
inline constexpr std::int64_t kDcSilentMs = 10'000;
inline constexpr TimerId kQuorumRegainedTimer = 15;
inline constexpr std::int64_t kQuorumGainMs = 5'000;
inline constexpr std::int64_t kSiblingGoneMs = 30'000;
inline constexpr std::int64_t kProcessLostMs = 3'000;
inline constexpr std::int64_t kReturnMs = 30'000;
inline constexpr std::int64_t kStandbyMs = 5'000;

}  // namespace quorate::controller
