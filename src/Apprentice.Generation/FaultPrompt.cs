using System.Globalization;
using System.Text;
using Apprentice.Data;
using Apprentice.Llm;

namespace Apprentice.Generation;

/// <summary>The paper's fault-generation prompt: task, demonstrations of correct and buggy functions, the target's correct function and the marker.</summary>
public sealed class FaultPrompt
{
    private readonly PromptTemplate _template;
    private readonly PromptOptions _options;

    /// <summary>Prepares the prompt.</summary>
    /// <param name="options">Whom to ask and how to sample.</param>
    /// <param name="template">The user's own template, or null for the built-in <c>fault-two-shot</c>.</param>
    public FaultPrompt(PromptOptions options, PromptTemplate? template = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _template = template ?? PromptTemplate.BuiltIn("fault-two-shot");
    }

    /// <summary>The template in use.</summary>
    public PromptTemplate Template => _template;

    /// <summary>The line that ends an answer.</summary>
    public string EndMarker => _template.One("end");

    /// <summary>All requests for one seed: <see cref="PromptOptions.Variants"/> of them, with ids <c>fault/SEED/v1</c> and on.</summary>
    /// <param name="seed">The correct function.</param>
    /// <param name="demonstrations">Real faults to show, with their fixed texts.</param>
    /// <exception cref="ArgumentException">A demonstration has no fixed text.</exception>
    public IEnumerable<ChatRequest> Requests(SeedFunction seed, IReadOnlyList<FaultExample> demonstrations)
    {
        for (int variant = 1; variant <= _options.Variants; variant++)
        {
            yield return Request(seed, demonstrations, variant);
        }
    }

    /// <summary>One request.</summary>
    /// <param name="seed">The correct function.</param>
    /// <param name="demonstrations">Real faults to show, with their fixed texts.</param>
    /// <param name="variant">1 to <see cref="PromptOptions.Variants"/>; decides which kind of fault is asked for, so that answers differ without sampling.</param>
    /// <exception cref="ArgumentException">A demonstration has no fixed text.</exception>
    public ChatRequest Request(SeedFunction seed, IReadOnlyList<FaultExample> demonstrations, int variant)
    {
        ArgumentNullException.ThrowIfNull(seed);
        ArgumentNullException.ThrowIfNull(demonstrations);
        ArgumentOutOfRangeException.ThrowIfLessThan(variant, 1);
        StringBuilder text = new(_template.One("task"));
        foreach (FaultExample shown in demonstrations)
        {
            string correct = shown.FixedCode
                ?? throw new ArgumentException($"Demonstration '{shown.Id}' has no fixed text, so there is no correct function to show.", nameof(demonstrations));
            text.Append("\n\n").Append(_template.Fill("demonstration", ("correct", PromptText.Clean(correct)), ("buggy", PromptText.Clean(shown.Code))));
        }

        text.Append("\n\n").Append(_template.Fill(
            "target",
            ("correct", PromptText.Clean(seed.Code)),
            ("number", variant.ToString(CultureInfo.InvariantCulture)),
            ("count", Math.Max(variant, _options.Variants).ToString(CultureInfo.InvariantCulture)),
            ("variant", PromptText.Variant(_template, variant))));
        return PromptText.Request($"fault/{seed.Id}/v{variant}", text.ToString(), seed.Code, _options, EndMarker);
    }
}

/// <summary>What the prompts share.</summary>
internal static class PromptText
{
    public static string Clean(string code) => code.ReplaceLineEndings("\n").Trim('\n');

    public static string Variant(PromptTemplate template, int variant)
    {
        IReadOnlyList<string> variants = template.All("variant");
        return variants.Count > 0 ? variants[(variant - 1) % variants.Count] : "free choice";
    }

    public static ChatRequest Request(string id, string text, string code, PromptOptions options, string endMarker) => new()
    {
        CustomId = id,
        Provider = options.Provider,
        Model = options.Model,
        Messages = [PromptMessage.User(text)],
        Temperature = options.Temperature,
        TopP = options.TopP,
        MaxTokens = options.MaxTokens ?? ((code.Length / 3) + 499) / 100 * 100,
        Stop = options.StopAtEnd ? [endMarker] : [],
    };
}
