namespace Apprentice.Code;

/// <summary>Finds the functions of a file or fragment.</summary>
/// <remarks>
/// Reported are functions with a body, outermost first: a function inside another reported function is not reported by itself, methods of
/// local and anonymous classes neither. In JavaScript an anonymous function that is passed as an argument or called at once (a module wrapper, a test
/// callback) is looked through instead, so that the functions inside it are found; an arrow function counts only with braces.
/// In C# a property, indexer or event counts when an accessor has a block of statements. C# is parsed by Roslyn, Python read by indentation,
/// the others by a token-based finder that knows nothing of types or macros.
/// Takes any text, never throws on it, and needs time linear in its length.
/// </remarks>
public static class FunctionFinder
{
    /// <summary>The functions of a text in order of their start.</summary>
    /// <param name="language">Language of the text.</param>
    /// <param name="code">A whole file, or a fragment such as one method without its class.</param>
    public static IReadOnlyList<CodeFunction> Find(Language language, string code)
    {
        ArgumentNullException.ThrowIfNull(code);
        return language switch
        {
            Language.CSharp => CSharpFunctions.Find(code),
            Language.Python => PythonFunctions.Find(code),
            Language.JavaScript => new JavaScriptFunctions(code).Find(),
            Language.Go => new GoFunctions(code).Find(),
            _ => new CFamilyFunctions(language, code).Find(),
        };
    }
}
