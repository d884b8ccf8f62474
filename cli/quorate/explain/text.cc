#include "explain/text.h"

#include "quorate/explain/render.h"

namespace quorate::cli {

using explain::say;

namespace {

std::string points(Score score) {
  if (score >= kInfinity) return "+INFINITY";
  return score > 0 ? "+" + format_score(score) : format_score(score);
}

std::string reason_line(const explain::Reason& reason) {
  std::string line = reason.text;
  const bool says_score = reason.kind == "score" || reason.kind == "choice";
  if (reason.score && !says_score) line += say({" (", points(*reason.score), ")"});
  return line;
}

std::string headline(const explain::Explanation& answer) {
  std::string line = say({answer.resource, " (", answer.kind, ")"});
  const bool stays = answer.runs_on == answer.will_run_on;
  if (answer.runs_on.empty() && answer.will_run_on.empty()) {
    line += " doesn't run and isn't going to";
  } else if (stays) {
    line += say({" runs on ", explain::listing(answer.runs_on), " and stays there"});
  } else if (answer.runs_on.empty()) {
    line += say({" doesn't run and will be started on ", explain::listing(answer.will_run_on)});
  } else if (answer.will_run_on.empty()) {
    line += say({" runs on ", explain::listing(answer.runs_on), " and will be stopped"});
  } else {
    line += say({" runs on ", explain::listing(answer.runs_on), " and will run on ",
                 explain::listing(answer.will_run_on)});
  }
  if (!answer.promoted_on.empty()) {
    line += say({", promoted on ", explain::listing(answer.promoted_on)});
  }
  return line + ".\n";
}

std::string changes_text(const explain::NodeVerdict& verdict) {
  if (verdict.changes.empty()) return "    To run here: nothing simple would do.\n";
  std::string text = "    To run here:\n";
  for (const explain::Change& change : verdict.changes) {
    text += say({"      - ", change.text, "\n"});
    if (!change.command.empty()) text += say({"          ", change.command, "\n"});
  }
  return text;
}

std::string verdict_text(const explain::NodeVerdict& verdict) {
  std::string text = say({"  ", verdict.chosen ? "On " : "Not on ", verdict.node});
  if (verdict.score) text += say({" (score ", format_score(*verdict.score), ")"});
  text += ":\n";
  int rank = 0;
  for (const explain::Reason& reason : verdict.reasons) {
    text += say({"    ", std::to_string(++rank), ". ", reason_line(reason), "\n"});
  }
  if (verdict.asked) text += changes_text(verdict);
  return text;
}

}  // namespace

std::string text_of(const explain::Explanation& answer) {
  std::string text = headline(answer);
  for (const explain::Reason& reason : answer.state) {
    text += say({"  On every node: ", reason_line(reason), "\n"});
  }
  for (const explain::NodeVerdict& verdict : answer.nodes) text += verdict_text(verdict);
  return text;
}

std::string text_of(const std::vector<explain::PlannedAction>& plan) {
  if (plan.empty()) return "Nothing is to be done.\n";
  std::string text;
  for (const explain::PlannedAction& action : plan) {
    text += say({std::to_string(action.number), " ", action.key});
    if (!action.node.empty() && !action.pseudo) text += say({" on ", action.node});
    text += say({"\n    why: ", action.reason, "\n"});
    for (const explain::PlannedAction::Input& input : action.waits_for) {
      text += say({"    waits for ", std::to_string(input.number), " ", input.text});
      if (!input.constraint.empty()) text += say({" (order ", input.constraint, ")"});
      text += "\n";
    }
  }
  return text;
}

}  // namespace quorate::cli
