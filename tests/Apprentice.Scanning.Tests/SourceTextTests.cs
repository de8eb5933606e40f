using System.Text;
using Apprentice.Code;

namespace Apprentice.Scanning.Tests;

public sealed class SourceTextTests
{
    private static readonly byte[] s_utf8Mark = [0xEF, 0xBB, 0xBF];

    [Fact]
    public void Decode_AcceptedEncodings_GiveTheSameText()
    {
        const string Text = "int größe = 1;\n// 中文 😀\n";
        foreach (byte[] bytes in new[]
        {
            Encoding.UTF8.GetBytes(Text), [.. s_utf8Mark, .. Encoding.UTF8.GetBytes(Text)],
            [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(Text)],
            [.. Encoding.BigEndianUnicode.GetPreamble(), .. Encoding.BigEndianUnicode.GetBytes(Text)],
            [.. Encoding.UTF32.GetPreamble(), .. Encoding.UTF32.GetBytes(Text)],
            Encoding.UTF8.GetBytes(Text.Replace("\n", "\r\n", StringComparison.Ordinal)), Encoding.UTF8.GetBytes(Text.Replace('\n', '\r')),
        })
        {
            Assert.Equal(Text, SourceText.Decode("a.cs", bytes, Language.CSharp).Source?.Text);
        }
    }

    [Fact]
    public void Decode_EmptyFile_IsText()
    {
        Assert.Equal("", SourceText.Decode("a.cs", [], Language.CSharp).Source?.Text);
        Assert.Equal("", SourceText.Decode("a.cs", s_utf8Mark, Language.CSharp).Source?.Text);
    }

    [Fact]
    public void Decode_OtherBytes_SayWhatIsWrong()
    {
        Check([.. "int x;"u8, 0, 1, 2], SourceProblem.Binary, "byte 6 is NUL");
        Check(Encoding.Unicode.GetBytes("int x;"), SourceProblem.Binary, "byte order mark");
        Check([.. "int a;\nint b;\n// caf"u8, 0xE9, .. "\n"u8], SourceProblem.Encoding, "byte 0xE9 at offset 20, line 3");
        Check([0xC3], SourceProblem.Encoding, "byte 0xC3 at offset 0, line 1");
        Check([.. s_utf8Mark, 0x61, 0xFF], SourceProblem.Encoding, "byte 0xFF at offset 4");
        Check([0xFF, 0xFE, 0x61], SourceProblem.Encoding, "utf-16");
        Check([0xFF, 0xFE, 0x61, 0, 0, 0], SourceProblem.Binary, "NUL");

        static void Check(byte[] bytes, SourceProblem problem, string part)
        {
            SourceReading reading = SourceText.Decode("a.c", bytes, Language.C);
            Assert.Equal(problem, reading.Problem);
            Assert.Contains(part, reading.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ReadAsync_WhatIsNoSourceFile_SaysWhatIsWrong()
    {
        using TemporaryFolder folder = new();
        await Check(Path.Combine(folder.Path, "absent.cs"), SourceProblem.Missing, "does not exist");
        await Check(Path.Combine(folder.Path, "absent", "a.cs"), SourceProblem.Missing, "does not exist");
        await Check(Path.Combine(folder.Path, "absent.xyz"), SourceProblem.Missing, "does not exist");
        await Check("a\0b.cs", SourceProblem.Unreadable, "cannot be read");
        await Check(folder.Path, SourceProblem.Folder, "is a folder");
        await Check(folder.Write("notes.txt", "hello"), SourceProblem.UnknownLanguage, ".txt");
        await Check(folder.Write("Makefile", "all:"), SourceProblem.UnknownLanguage, "no ending");
        await Check(folder.Write("big.py", new byte[SourceText.LargestFile + 1]), SourceProblem.TooLarge, "2 MiB");

        static async Task Check(string path, SourceProblem problem, string part)
        {
            SourceReading reading = await SourceText.ReadAsync(path);
            Assert.Equal(problem, reading.Problem);
            Assert.Null(reading.Source);
            Assert.Contains(part, reading.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ReadAsync_GivenLanguage_WinsOverEnding()
    {
        using TemporaryFolder folder = new();
        Assert.Equal(Language.Python, (await SourceText.ReadAsync(folder.Write("script", "x = 1\n"), Language.Python)).Source?.Language);
        Assert.Equal(Language.Cpp, (await SourceText.ReadAsync(folder.Write("a.h", "int x;\n"), Language.Cpp)).Source?.Language);
    }

    [Fact]
    public async Task ReadAsync_StreamWithoutEnd_StopsAtTheLimit()
    {
        SourceReading reading = await SourceText.ReadAsync("standard input", new Endless(), Language.C);
        Assert.Equal(SourceProblem.TooLarge, reading.Problem);
    }

    [Fact]
    public async Task ReadAsync_StreamInPieces_IsWhole()
    {
        string text = string.Concat(Enumerable.Range(0, 5000).Select(i => $"int a{i};\n"));
        SourceReading reading = await SourceText.ReadAsync("-", new Dribble(Encoding.UTF8.GetBytes(text)), Language.C);
        Assert.Equal(text, reading.Source?.Text);
    }

    private sealed class Endless : ReadStream
    {
        public override int Read(byte[] buffer, int offset, int count)
        {
            buffer.AsSpan(offset, count).Fill((byte)'a');
            return count;
        }
    }

    private sealed class Dribble(byte[] bytes) : ReadStream
    {
        private int _at;

        public override int Read(byte[] buffer, int offset, int count)
        {
            int taken = Math.Min(Math.Min(7, count), bytes.Length - _at);
            bytes.AsSpan(_at, taken).CopyTo(buffer.AsSpan(offset));
            _at += taken;
            return taken;
        }
    }

    private abstract class ReadStream : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
