@echo off
rem Starts LongLoRA4J. Environment:
rem   JAVA_HOME             the Java to use, 17 or later; else java from the PATH
rem   JAVA_OPTS             options for the JVM; LONGLORA_OPTS is added after them
rem   LONGLORA_PLUGINS      a plugin directory in place of the distribution's own
rem   LONGLORA_ONLINE=1     lets DJL fetch native libraries that are not here, such as those for CUDA
setlocal

for %%i in ("%~dp0..") do set "LONGLORA_HOME=%%~fi"

set "LONGLORA_JAVA=java"
if defined JAVA_HOME set "LONGLORA_JAVA=%JAVA_HOME%\bin\java"

set "LONGLORA_JAVA_VERSION="
for /f "tokens=3" %%v in ('""%LONGLORA_JAVA%" -version 2>&1" ^| findstr /i /c:" version "') do if not defined LONGLORA_JAVA_VERSION set "LONGLORA_JAVA_VERSION=%%~v"
if not defined LONGLORA_JAVA_VERSION (
  echo longlora needs Java 17 or later, and '%LONGLORA_JAVA%' does not run. Install one, or set JAVA_HOME. 1>&2
  exit /b 2
)
for /f "delims=.-+ tokens=1" %%m in ("%LONGLORA_JAVA_VERSION%") do set "LONGLORA_JAVA_MAJOR=%%m"
if %LONGLORA_JAVA_MAJOR% LSS 17 (
  echo longlora needs Java 17 or later, and '%LONGLORA_JAVA%' is Java %LONGLORA_JAVA_VERSION%. Set JAVA_HOME to a later one. 1>&2
  exit /b 2
)

set "LONGLORA_OFFLINE=true"
if "%LONGLORA_ONLINE%"=="1" set "LONGLORA_OFFLINE=false"
rem DJL reports its use to its makers unless told not to.
set "OPT_OUT_TRACKING=true"

rem Results are UTF-8.
chcp 65001 >nul

rem Tensors live outside the heap, so the heap is small and its collector simple; your options win.
set "LONGLORA_COLLECTOR=-XX:+UseSerialGC"
echo %JAVA_OPTS% %LONGLORA_OPTS% | findstr /c:"GC" >nul && set "LONGLORA_COLLECTOR="

"%LONGLORA_JAVA%" -Xmx2g %LONGLORA_COLLECTOR% %JAVA_OPTS% %LONGLORA_OPTS% ^
  "-Dlonglora.home=%LONGLORA_HOME%" "-Dai.djl.offline=%LONGLORA_OFFLINE%" ^
  -cp "%LONGLORA_HOME%\lib\*" org.longlora4j.launcher.Main %*
exit /b %ERRORLEVEL%
