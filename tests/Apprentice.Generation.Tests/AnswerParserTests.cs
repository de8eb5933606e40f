using Apprentice.Code;

namespace Apprentice.Generation.Tests;

public sealed class AnswerParserTests
{
    private const string Sum = "public static int Sum(int[] items)\n{\n    int total = 0;\n    foreach (int item in items) { total += item; }\n    return total;\n}";

    private static void Check(string answer, string expected, Language language = Language.CSharp, string name = "Sum", string? finish = "stop")
    {
        ParsedAnswer parsed = AnswerParser.Parse(answer, language, name, finish);
        Assert.Null(parsed.Problem);
        Assert.Equal(expected, parsed.Code);
    }

    private static void CheckFails(string answer, string problem, string? finish = "stop", string name = "Sum")
    {
        ParsedAnswer parsed = AnswerParser.Parse(answer, Language.CSharp, name, finish);
        Assert.Null(parsed.Code);
        Assert.StartsWith(problem, parsed.Problem);
    }

    [Fact]
    public void Parse_WhatModelsWriteAroundCode_LeavesTheCode()
    {
        Check(Sum, Sum);
        Check(Sum + "\n### End\nanything after", Sum);
        Check(Sum.Replace("\n", "\r\n") + "\r\n### End\r\n", Sum);
        Check($"```csharp\n{Sum}\n```", Sum);
        Check($"~~~~ cs\n{Sum}\n~~~~\n", Sum);
        Check($"Here is the buggy function:\n\n```csharp\n{Sum}\n```\n\nThe fault is in the loop.", Sum);
        Check($"Sure! I changed the loop, as follows.\n\n{Sum}\n\nThis now skips the first item.", Sum);
        Check($"### Buggy function\n{Sum}\n### End", Sum);
        Check($"### Correct function\npublic static int Sum() => 1;\n### Buggy function\n{Sum}\n### End", Sum);
        Check("   \n\n    " + Sum.Replace("\n", "\n    "), Sum);
    }

    [Fact]
    public void Parse_SeveralBlocks_TakesTheLastWithTheName()
    {
        string original = Sum.Replace("+=", "-=");
        Check($"Original:\n```csharp\n{original}\n```\nBuggy:\n```csharp\n{Sum}\n```", Sum);
        Check($"```csharp\n{Sum}\n```\nUsage:\n```csharp\nint x = 4; Console.WriteLine(x);\n```", Sum);
    }

    [Fact]
    public void Parse_ClassAround_IsTakenOff()
    {
        string inside = "    " + Sum.Replace("\n", "\n    ");
        Check($"```csharp\nusing System;\n\npublic static class Solution\n{{\n{inside}\n}}\n```", Sum);
        Check($"namespace A;\npublic class B\n{{\n{inside}\n}}", Sum);
        Check($"using System;\n\n{Sum}", Sum);
    }

    [Fact]
    public void Parse_RenamedFunction_GetsItsNameBack()
    {
        ParsedAnswer parsed = AnswerParser.Parse("public static int Total(int n) => n == 0 ? 0 : n + Total(n - 1); // Total", Language.CSharp, "Sum");
        Assert.Equal("public static int Sum(int n) => n == 0 ? 0 : n + Sum(n - 1); // Total", parsed.Code);
        Assert.Equal(["renamed Total to Sum"], parsed.Repairs);
    }

    [Fact]
    public void Parse_OtherLanguages_FindsTheFunction()
    {
        const string Python = "def sum_all(items):\n    total = 0\n    for i in items:\n        total += i\n    return total";
        Check($"Of course.\n\n{Python}\n\nThat is all.", Python, Language.Python, "sum_all");
        Check($"```python\n{Python}\n```", Python, Language.Python, "sum_all");
        const string Java = "static int sum(int[] a) {\n    int t = 0;\n    for (int x : a) t += x;\n    return t;\n}";
        Check($"Here it is:\n{Java}\nDone.", Java, Language.Java, "sum");
    }

    [Fact]
    public void Parse_NoCandidate_NamesWhy()
    {
        CheckFails("", "empty");
        CheckFails(" \n### End\n", "empty");
        CheckFails("I'm sorry, but I can't help with planting bugs.", "refused");
        CheckFails("The function is correct as it stands.", "no code");
        CheckFails("```csharp\npublic static int Sum(int[] items)\n{\n    int total = 0;", "cut", "length");
        CheckFails("```csharp\npublic static int Sum(int[] items)\n{\n    int total = 0;", "cut", null);
        CheckFails(new string('x', AnswerParser.LongestAnswer + 1), "no code");
        CheckFails("```\nint x = 4;\n```", "no function");
    }

    [Fact]
    public void Parse_AnyText_NeverThrows()
    {
        Random random = new(7);
        string[] parts = ["```", "\n", "### End", "### Buggy function\n", Sum, "class A {", "}", "{", "using System;", "\"", "'", "Sum(", "\ud83d", "def Sum(x):", "    ", "/*", "@\"", "$\"{"];
        for (int i = 0; i < 400; i++)
        {
            string answer = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => parts[random.Next(parts.Length)]));
            foreach (Language language in (Language[])[Language.CSharp, Language.Python, Language.C])
            {
                ParsedAnswer parsed = AnswerParser.Parse(answer, language, "Sum");
                Assert.True(parsed.Code is null != parsed.Problem is null);
            }
        }
    }
}
