namespace Apprentice.Code;

/// <summary>Names of the ways in which <see cref="Mutator"/> makes a fault.</summary>
public static class MutationOperators
{
    /// <summary>A comparison becomes another: <c>&lt;</c> and <c>&lt;=</c>, <c>==</c> and <c>!=</c>, <c>is</c> and <c>is not</c>, <c>in</c> and <c>not in</c>.</summary>
    public const string Comparison = "comparison";

    /// <summary>An arithmetic or bit operator becomes another.</summary>
    public const string Arithmetic = "arithmetic";

    /// <summary>"And" becomes "or", or the other way round.</summary>
    public const string Boolean = "boolean";

    /// <summary>A whole condition is negated.</summary>
    public const string NegatedCondition = "negated-condition";

    /// <summary>A "not" is missing.</summary>
    public const string DroppedNegation = "dropped-negation";

    /// <summary>One operand of an "and" or "or" is missing.</summary>
    public const string DroppedOperand = "dropped-operand";

    /// <summary>A number, index or bound is one too high or too low.</summary>
    public const string OffByOne = "off-by-one";

    /// <summary>A literal is another: true and false, 0 and 1, an empty string.</summary>
    public const string WrongConstant = "wrong-constant";

    /// <summary>Another variable of the function stands in place of one.</summary>
    public const string WrongVariable = "wrong-variable";

    /// <summary>Two neighbouring arguments of a call are swapped.</summary>
    public const string SwappedArguments = "swapped-arguments";

    /// <summary>Another member that the function also uses stands in place of one.</summary>
    public const string WrongMember = "wrong-member";

    /// <summary>A name is replaced by its counterpart: <c>min</c> and <c>max</c>, <c>first</c> and <c>last</c>, <c>start</c> and <c>end</c>.</summary>
    public const string Counterpart = "counterpart";

    /// <summary>A statement is missing.</summary>
    public const string DroppedStatement = "dropped-statement";

    /// <summary>A check that leaves early, or the condition around a block, is missing.</summary>
    public const string DroppedCheck = "dropped-check";

    /// <summary>A <c>break</c> or <c>continue</c> is missing or the other one.</summary>
    public const string LoopExit = "loop-exit";

    /// <summary>Another value is returned.</summary>
    public const string WrongReturn = "wrong-return";

    /// <summary>The function returns inside the block after which it should.</summary>
    public const string EarlyReturn = "early-return";

    /// <summary>Two neighbouring statements stand in the wrong order.</summary>
    public const string SwappedStatements = "swapped-statements";

    /// <summary>A compound assignment is a plain one or the opposite one.</summary>
    public const string Assignment = "assignment";

    /// <summary>An <c>else if</c> is a plain <c>if</c>.</summary>
    public const string DroppedElse = "dropped-else";

    /// <summary>An <c>await</c> is missing.</summary>
    public const string DroppedAwait = "dropped-await";

    /// <summary>Every operator's name.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        Comparison, Arithmetic, Boolean, NegatedCondition, DroppedNegation, DroppedOperand, OffByOne, WrongConstant, WrongVariable, SwappedArguments,
        WrongMember, Counterpart, DroppedStatement, DroppedCheck, LoopExit, WrongReturn, EarlyReturn, SwappedStatements, Assignment, DroppedElse, DroppedAwait,
    ];
}
