using Apprentice.Llm;

namespace Apprentice.Generation.Tests;

/// <summary>Small seeds and scripted answers.</summary>
internal static class Samples
{
    public static SeedFunction Clamp { get; } = new(
        "clamp", "Clamp", "csharp", "Returns the value, limited to the range from low to high.", "numbers",
        "public static int Clamp(int value, int low, int high)\n{\n    if (value < low)\n    {\n        return low;\n    }\n\n    return value > high ? high : value;\n}",
        "Check.Equal(1, Clamp(0, 1, 3)); Check.Equal(3, Clamp(4, 1, 3)); Check.Equal(2, Clamp(2, 1, 3));");

    public static SeedFunction CountVowels { get; } = new(
        "vowels", "CountVowels", "csharp", "Counts the letters a, e, i, o, u of a text, in either case.", "text",
        "public static int CountVowels(string text)\n{\n    // Both cases count.\n    int count = 0;\n    foreach (char c in text.ToLowerInvariant())\n    {\n        if (\"aeiou\".Contains(c))\n        {\n            count++;\n        }\n    }\n\n    return count;\n}",
        "Check.Equal(3, CountVowels(\"Audit\")); Check.Equal(0, CountVowels(\"\")); Check.Throws<NullReferenceException>(() => CountVowels(null!));");

    public static SeedFunction Gcd { get; } = new(
        "gcd", "Gcd", "csharp", "Greatest common divisor of two positive numbers.", "numbers",
        "public static int Gcd(int a, int b)\n{\n    while (b != 0)\n    {\n        (a, b) = (b, a % b);\n    }\n\n    return a;\n}",
        "Check.Equal(6, Gcd(12, 18)); Check.Equal(1, Gcd(7, 9)); Check.Equal(5, Gcd(5, 5));");

    public static IReadOnlyList<SeedFunction> All { get; } = [Clamp, CountVowels, Gcd];

    /// <summary>Answers in the order of the plan; null for a request without an answer.</summary>
    public static async IAsyncEnumerable<AskedAnswer> Answers(IReadOnlyList<GenerationRequest> plan, Func<string, string?> script)
    {
        foreach (GenerationRequest request in plan)
        {
            await Task.Yield();
            string? text = script(request.Request.CustomId);
            yield return text is null
                ? new AskedAnswer(request.Request, null, null, false)
                : new AskedAnswer(request.Request, new ChatAnswer { RequestHash = request.Request.Hash, Text = text, Model = "scripted-model", FinishReason = "stop" }, null, false);
        }
    }
}
