using System.Globalization;
using System.Text;
using Apprentice.Code;
using Apprentice.Llm;

namespace Apprentice.Generation;

/// <summary>The clone-generation prompt: a specification and a signature, for which the model writes an implementation.</summary>
public sealed class ClonePrompt
{
    private readonly PromptTemplate _template;
    private readonly PromptOptions _options;

    /// <summary>Prepares the prompt.</summary>
    /// <param name="options">Whom to ask and how to sample.</param>
    /// <param name="template">The user's own template, or null for the built-in <c>clone-from-spec</c>.</param>
    public ClonePrompt(PromptOptions options, PromptTemplate? template = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _template = template ?? PromptTemplate.BuiltIn("clone-from-spec");
    }

    /// <summary>The template in use.</summary>
    public PromptTemplate Template => _template;

    /// <summary>The line that ends an answer.</summary>
    public string EndMarker => _template.One("end");

    /// <summary>All requests for one specification: <see cref="PromptOptions.Variants"/> of them, with ids <c>clone/SEED/v1</c> and on.</summary>
    /// <param name="seed">The specification; its own implementation is not shown, only its signature.</param>
    /// <param name="demonstrations">Specifications with implementations to show; none for a zero-shot prompt.</param>
    public IEnumerable<ChatRequest> Requests(SeedFunction seed, IReadOnlyList<SeedFunction> demonstrations)
    {
        for (int variant = 1; variant <= _options.Variants; variant++)
        {
            yield return Request(seed, demonstrations, variant);
        }
    }

    /// <summary>One request.</summary>
    /// <param name="seed">The specification; its own implementation is not shown, only its signature.</param>
    /// <param name="demonstrations">Specifications with implementations to show; none for a zero-shot prompt.</param>
    /// <param name="variant">1 to <see cref="PromptOptions.Variants"/>; decides which style is asked for, so that answers differ without sampling.</param>
    public ChatRequest Request(SeedFunction seed, IReadOnlyList<SeedFunction> demonstrations, int variant)
    {
        ArgumentNullException.ThrowIfNull(seed);
        ArgumentNullException.ThrowIfNull(demonstrations);
        ArgumentOutOfRangeException.ThrowIfLessThan(variant, 1);
        string form = _template.All("form." + seed.Language) is [{ } own, ..] ? own : _template.One("form");
        StringBuilder text = new(_template.Fill("task", ("language", seed.Language == "csharp" ? "C#" : seed.Language), ("form", form)));
        foreach (SeedFunction shown in demonstrations)
        {
            text.Append("\n\n").Append(_template.Fill(
                "demonstration", ("spec", shown.Spec.Trim()), ("signature", Signature(shown)), ("code", PromptText.Clean(shown.Code))));
        }

        text.Append("\n\n").Append(_template.Fill(
            "target",
            ("spec", seed.Spec.Trim()),
            ("signature", Signature(seed)),
            ("number", variant.ToString(CultureInfo.InvariantCulture)),
            ("count", Math.Max(variant, _options.Variants).ToString(CultureInfo.InvariantCulture)),
            ("variant", PromptText.Variant(_template, variant))));
        return PromptText.Request($"clone/{seed.Id}/v{variant}", text.ToString(), seed.Code, _options, EndMarker);
    }

    /// <summary>The head of the function under test: everything before its body, on one line.</summary>
    /// <param name="seed">A seed.</param>
    public static string Signature(SeedFunction seed)
    {
        ArgumentNullException.ThrowIfNull(seed);
        Language language = Languages.Parse(seed.Language);
        IReadOnlyList<CodeFunction> functions = FunctionFinder.Find(language, seed.Code);
        CodeFunction? function = functions.FirstOrDefault(f => f.Name == seed.Name) ?? functions.FirstOrDefault();
        string text = function?.Text(seed.Code) ?? seed.Code;
        int depth = 0;
        List<CodeToken> tokens = Lexer.Tokenize(language, text);
        int end = text.Length;
        foreach (CodeToken token in tokens)
        {
            string word = token.Text(text).ToString();
            if (depth == 0 && (word is "{" or "=>" || (word == ":" && language == Language.Python)))
            {
                end = token.Start;
                break;
            }

            depth += word is "(" or "[" ? 1 : word is ")" or "]" ? -1 : 0;
        }

        return string.Join(' ', Comments.StripAll(language, text[..end]).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }
}
