#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "base/duration.h"
#include "base/text.h"
#include "rules/conditions.h"

namespace quorate::rules {

namespace {

enum class Operation {
  kDefined,
  kNotDefined,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kEqual,
  kNotEqual
};
enum class Type { kString, kInteger, kNumber, kVersion };
using Value = std::optional<std::string_view>;

std::optional<Operation> parse_operation(std::string_view text) {
  if (iequals(text, "defined")) return Operation::kDefined;
  if (iequals(text, "not_defined")) return Operation::kNotDefined;
  if (iequals(text, "lt")) return Operation::kLess;
  if (iequals(text, "lte")) return Operation::kLessEqual;
  if (iequals(text, "gt")) return Operation::kGreater;
  if (iequals(text, "gte")) return Operation::kGreaterEqual;
  if (iequals(text, "eq")) return Operation::kEqual;
  if (iequals(text, "ne")) return Operation::kNotEqual;
  return std::nullopt;
}

std::optional<Type> parse_type(std::string_view text) {
  if (iequals(text, "string")) return Type::kString;
  if (iequals(text, "integer")) return Type::kInteger;
  if (iequals(text, "number")) return Type::kNumber;
  if (iequals(text, "version")) return Type::kVersion;
  return std::nullopt;
}

Type default_type(Operation operation, Value actual, Value reference) {
  switch (operation) {
    case Operation::kLess:
    case Operation::kLessEqual:
    case Operation::kGreater:
    case Operation::kGreaterEqual:
      break;
    default:
      return Type::kString;
  }
  const auto has_dot = [](Value value) {
    return value && value->find('.') != std::string_view::npos;
  };
  return has_dot(actual) || has_dot(reference) ? Type::kNumber : Type::kInteger;
}

template <class Number>
int order(Number a, Number b) {
  return (a > b) - (a < b);
}

std::optional<double> parse_number(std::string_view text) {
  const std::string terminated(text);
  char* end = nullptr;
  errno = 0;
  const double value = std::strtod(terminated.c_str(), &end);
  if (end == terminated.c_str() || errno == ERANGE) return std::nullopt;
  return value;
}

int compare_as_strings(std::string_view a, std::string_view b, const char* kind,
                       const Observer& observer) {
  report(observer, Severity::kWarning,
         join("Comparing '", a, "' and '", b, "' as strings because invalid as ", kind));
  return icompare(a, b);
}

int compare_values(std::string_view a, std::string_view b, Type type, const Observer& observer) {
  switch (type) {
    case Type::kString:
      return icompare(a, b);
    case Type::kInteger: {
      const ParsedInteger x = parse_integer(a);
      const ParsedInteger y = parse_integer(b);
      if (!x.has_digits || !y.has_digits || x.clipped || y.clipped) {
        return compare_as_strings(a, b, "integers", observer);
      }
      return order(x.value, y.value);
    }
    case Type::kNumber: {
      const auto x = parse_number(a);
      const auto y = parse_number(b);
      if (!x || !y) return compare_as_strings(a, b, "numbers", observer);
      return order(*x, *y);
    }
    case Type::kVersion:
      return compare_versions(a, b);
  }
  return 0;
}

bool passes(Operation operation, Value actual, Value reference, Type type,
            const Observer& observer) {
  if (operation == Operation::kDefined) return actual.has_value();
  if (operation == Operation::kNotDefined) return !actual.has_value();
  if (!actual || !reference) {
    const bool equal = !actual && !reference;
    if (operation == Operation::kEqual) return equal;
    return operation == Operation::kNotEqual && !equal;
  }
  const int result = compare_values(*actual, *reference, type, observer);
  switch (operation) {
    case Operation::kEqual:
      return result == 0;
    case Operation::kNotEqual:
      return result != 0;
    case Operation::kLess:
      return result < 0;
    case Operation::kLessEqual:
      return result <= 0;
    case Operation::kGreater:
      return result > 0;
    default:
      return result >= 0;
  }
}

Value look_up(const std::function<Value(std::string_view)>* table, std::string_view name) {
  return table != nullptr && *table ? (*table)(name) : std::nullopt;
}

/// An expression's attributes, checked.
struct Condition {
  std::string attribute;
  Operation operation = Operation::kDefined;
  Value reference;
  std::optional<Type> type;
};

std::optional<Condition> read(xml::Element expression, const RuleContext& context,
                              const Observer& observer) {
  const std::string_view id = expression.id();
  const auto refuse = [&](std::string reason) {
    report(observer, Severity::kConfigError,
           join("Treating expression ", id, " as not passing because ", reason));
    return std::nullopt;
  };
  if (id.empty()) {
    report(observer, Severity::kConfigError, "Treating expression without id as not passing");
    return std::nullopt;
  }
  Condition condition;
  const auto attribute = expression.get("attribute");
  if (!attribute) return refuse("attribute was not specified");
  condition.attribute = expand_submatches(*attribute, context.submatches);
  const auto operation_text = expression.get("operation");
  if (!operation_text) return refuse("it has no operation");
  const auto operation = parse_operation(*operation_text);
  if (!operation) return refuse(join("'", *operation_text, "' is not a valid operation"));
  condition.operation = *operation;
  const std::string_view source = expression.get_or("value-source", "literal");
  const bool from_parameter = iequals(source, "param");
  const bool from_meta = iequals(source, "meta");
  if (!from_parameter && !from_meta && !iequals(source, "literal")) {
    return refuse(join("'", source, "' is not a valid value-source"));
  }
  const auto value = expression.get("value");
  const bool takes_value =
      *operation != Operation::kDefined && *operation != Operation::kNotDefined;
  if (value.has_value() != takes_value) {
    return refuse(join("value is ", takes_value ? "required" : "not allowed", " when operation is ",
                       *operation_text));
  }
  if (takes_value) {
    condition.reference = from_parameter ? look_up(context.parameter, *value)
                          : from_meta    ? look_up(context.meta, *value)
                                         : value;
  }
  if (const auto type_text = expression.get("type")) {
    condition.type = parse_type(*type_text);
    if (!condition.type) return refuse(join("'", *type_text, "' is not a valid type"));
  }
  return condition;
}

}  // namespace

bool evaluate_attribute_expression(xml::Element expression, const RuleContext& context,
                                   const Observer& observer) {
  const auto condition = read(expression, context, observer);
  if (!condition) return false;
  const Value actual = look_up(context.node_attribute, condition->attribute);
  const Type type = condition->type
                        ? *condition->type
                        : default_type(condition->operation, actual, condition->reference);
  return passes(condition->operation, actual, condition->reference, type, observer);
}

bool evaluate_resource_expression(xml::Element expression, const RuleContext& context,
                                  const Observer& observer) {
  if (expression.id().empty()) {
    report(observer, Severity::kConfigError, "Treating rsc_expression without id as not passing");
    return false;
  }
  const auto matches = [&](std::string_view attribute, Value actual) {
    const auto wanted = expression.get(attribute);
    return !wanted || (actual && *actual == *wanted);
  };
  return matches("class", context.standard) && matches("provider", context.provider) &&
         matches("type", context.type);
}

bool evaluate_operation_expression(xml::Element expression, const RuleContext& context,
                                   const Observer& observer) {
  const std::string_view id = expression.id();
  if (id.empty()) {
    report(observer, Severity::kConfigError, "Treating op_expression without id as not passing");
    return false;
  }
  const auto name = expression.get("name");
  if (!name) {
    report(observer, Severity::kConfigError,
           join("Treating op_expression ", id, " as not passing because it has no name"));
    return false;
  }
  const auto interval = expression.get("interval");
  const auto interval_ms = interval ? parse_interval_ms(*interval) : std::nullopt;
  if (interval && !interval_ms) {
    report(observer, Severity::kConfigError,
           join("Treating op_expression ", id, " as not passing because '", *interval,
                "' is not a valid interval"));
    return false;
  }
  if (!context.operation || *context.operation != *name) return false;
  return !interval_ms || *interval_ms == context.interval_ms;
}

}  // namespace quorate::rules
